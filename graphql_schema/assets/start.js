// Starts GraphiQL on this address. A link may carry a token behind the hash, as in /graphql#token=…: a browser never
// sends that part to a server, and it is taken out of the address bar at once. The token stays in this page's memory.
(function () {
  "use strict";

  var token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);

  var headers = JSON.stringify({ Authorization: "Bearer " + token }, null, 2);

  // GraphiQL stores its history in the browser, and with it the headers of each query, whatever `shouldPersistHeaders`
  // says. No token is stored here: what is written has no headers, and what is read back has those of this page.
  var HISTORY = ["graphiql:queries", "graphiql:favorites"];

  function replaced(text, by) {
    return JSON.stringify(JSON.parse(text, function (name, value) { return name === "headers" ? by : value; }));
  }

  var storage = {
    get length() { return localStorage.length; },
    getItem: function (name) {
      var text = localStorage.getItem(name);
      return text && HISTORY.includes(name) ? replaced(text, headers) : text;
    },
    setItem: function (name, text) {
      localStorage.setItem(name, HISTORY.includes(name) ? replaced(text, "") : text);
    },
    removeItem: function (name) { localStorage.removeItem(name); },
    clear: function () {
      Object.keys(localStorage).forEach(function (name) {
        if (name.startsWith("graphiql:")) localStorage.removeItem(name);
      });
    },
  };

  // The results of any operation, from server-sent events. Whether it is a subscription is the server's to say: what
  // GraphiQL knows of a document lags a tenth of a second behind the typing, and somebody may be quicker.
  function fetcher(parameters, options) {
    var stop = new AbortController();
    var results = read(parameters, options, stop.signal);
    // A generator that waits for an event hears of its end only behind that event, so the stop button cuts the line.
    var end = results.return.bind(results);
    results.return = function () {
      stop.abort();
      return end();
    };
    return results;
  }

  async function* read(parameters, options, signal) {
    try {
      var response = await fetch(location.pathname, {
        method: "POST",
        credentials: "omit",
        headers: Object.assign({}, options && options.headers, {
          Accept: "text/event-stream",
          "Content-Type": "application/json",
        }),
        body: JSON.stringify(parameters),
        signal: signal,
      });
      if (!(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
        yield await response.json();
        return;
      }
      yield* events(response.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async function* events(reader) {
    var rest = "";
    for (;;) {
      var chunk = await reader.read();
      if (chunk.done) return;
      var frames = (rest + chunk.value).split("\n\n");
      rest = frames.pop();
      for (var frame of frames) {
        // `complete` and comments bring no data, and the server ends the stream behind the last of them.
        var data = frame.split("\n").find(function (line) { return line.startsWith("data: {"); });
        if (data) yield JSON.parse(data.slice(6));
      }
    }
  }

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: fetcher,
      defaultEditorToolsVisibility: "headers",
      headers: headers,
      defaultHeaders: headers,
      shouldPersistHeaders: false,
      storage: storage,
      inputValueDeprecation: true,
      schemaDescription: true,
    })
  );
})();
