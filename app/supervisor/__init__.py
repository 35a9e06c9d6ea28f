"""How Assent starts, stops and survives: the small parent of PostgreSQL, the web server and the drain.

Nothing here knows the application: no framework is imported, only the standard library and `app.settings`, so
that a start takes milliseconds and a fault in the application cannot take its nurse down. The command line
enters; begin reading in `supervise.py`.
"""
