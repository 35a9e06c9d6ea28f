"""The door of the recipients: their own page, one-click stops, sign-up forms. Nobody logs in, no script runs.

Only the roof enters, by `routes.preference_center_routes()`; the application's state holds the `instance`. GET and
HEAD show, POST acts. Pages are shown from `disclosure`, acts are done by `actions`; storage is out of reach.

Requests forged by other sites: no page here sets or reads a cookie, so a browser brings along nothing that a
forger could use. The token in the address is the only authority; who knows it may act anyway, and who does not
cannot name it. Nothing tells the address to others (`no-referrer`, `no-store`, no address in any log), and no page
may be framed, so nobody is made to press a button that they do not see. One-click addresses must take posts from
everywhere: RFC 8058 has mail programs send them. A sign-up form needs no token, so there the `Origin` decides.
Start reading at `routes`, then `preferences`.
"""
