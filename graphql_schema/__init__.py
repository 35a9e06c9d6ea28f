"""The GraphQL door: everything that a front end, a plug-in or a script may ask of this instance.

Who may enter: the roof, which mounts the controller. The room reads through `app.disclosure` and writes through
`app.actions`; it never touches storage, and no other door imports it. Start reading in `endpoint` (the way of a
request), then `guard` (what is let through), then the file of any noun.
"""
