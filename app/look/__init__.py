"""What pages and mails look like: base template, stylesheet, headers, and the words that stand in several doors.

Doors and actions may enter. Start reading at `footers` for the line in mails, `pages` for everything with
a browser, `languages` for the words.
"""
