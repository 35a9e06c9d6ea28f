// Starts GraphiQL on this address. A link may carry a token behind the hash, as in /graphql#token=…: a browser never
// sends that part to a server, and it is taken out of the address bar at once. The token stays in this page's memory.
(function () {
  "use strict";

  var token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);

  var accept = "application/graphql-response+json, application/json;q=0.9";

  function post(parameters, headers, accepted) {
    return fetch(location.pathname, {
      method: "POST",
      credentials: "omit",
      headers: Object.assign({}, headers, { Accept: accepted, "Content-Type": "application/json" }),
      body: JSON.stringify(parameters),
    });
  }

  // Yields the results of a subscription from server-sent events.
  async function* events(parameters, headers) {
    var response = await post(parameters, headers, "text/event-stream");
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

  function isSubscription(parameters, options) {
    var definitions = (options && options.documentAST && options.documentAST.definitions) || [];
    return definitions.some(function (definition) {
      var named = !parameters.operationName || (definition.name && definition.name.value === parameters.operationName);
      return definition.kind === "OperationDefinition" && definition.operation === "subscription" && named;
    });
  }

  function fetcher(parameters, options) {
    var headers = (options && options.headers) || {};
    if (isSubscription(parameters, options)) return events(parameters, headers);
    return post(parameters, headers, accept).then(function (response) { return response.json(); });
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
