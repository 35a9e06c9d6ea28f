"""The words of pages and of our own mails: a folder for each language, with one gettext catalog `messages.po`.

Only `app.look.languages` enters. A message's id is its key, the same in every language; braces are filled in by
name. The header's `Language` says how dates and numbers are written. Start reading at `en/messages.po`; to add a
language, copy that folder, name it by the language's tag, and translate: nothing else has to know of it, and tests
compare keys and braces. Catalogs are read as they stand when the program starts, so nothing is to be compiled.
"""
