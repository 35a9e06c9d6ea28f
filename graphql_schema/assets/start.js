// Starts GraphiQL on this address. A link may carry a token behind the hash, as in /graphql#token=…: a browser never
// sends that part to a server, and it is taken out of the address bar at once. The token stays in this page's memory.
(function () {
  "use strict";

  var token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);

  // Yields the results of any operation from server-sent events. Whether it is a subscription is the server's to say:
  // what GraphiQL knows of a document lags a tenth of a second behind the typing, and somebody may be quicker.
  async function* fetcher(parameters, options) {
    var response = await fetch(location.pathname, {
      method: "POST",
      credentials: "omit",
      headers: Object.assign({}, options && options.headers, {
        Accept: "text/event-stream",
        "Content-Type": "application/json",
      }),
      body: JSON.stringify(parameters),
    });
    if (!(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
      yield await response.json();
      return;
    }
    var reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    var rest = "";
    try {
      for (;;) {
        var chunk = await reader.read();
        if (chunk.done) return;
        var frames = (rest + chunk.value).split("\n\n");
        rest = frames.pop();
        for (var frame of frames) {
          if (frame.startsWith("event: complete")) return;
          var data = frame.split("\n").find(function (line) { return line.startsWith("data: "); });
          if (data) yield JSON.parse(data.slice(6));
        }
      }
    } finally {
      await reader.cancel();
    }
  }

  var headers = JSON.stringify({ Authorization: "Bearer " + token }, null, 2);

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: fetcher,
      defaultEditorToolsVisibility: "headers",
      headers: headers,
      defaultHeaders: headers,
      shouldPersistHeaders: false,
      inputValueDeprecation: true,
      schemaDescription: true,
    })
  );
})();
