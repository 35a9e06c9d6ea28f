"""The words of pages and of our own mails: one module per language, each with the same keys.

Only `app.look.languages` enters. Braces are filled in by name. Start reading at `en`; a new language is a copy of
it, and a test compares the keys.
"""
