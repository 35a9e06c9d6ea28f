"""The text of mails, string to string: what in a mail may be tracked, and the mail with that put in.

Every door and verb may enter; the room itself knows only the domain, and neither tokens nor settings: it is
handed finished URLs and puts them where they belong. Everything that it was not asked to change stays as it was,
to the byte.

Start with `targets` (the rule which links may be tracked), then `template` (a mailing analysed once, stamped for
each recipient); `scan` is the reader of HTML below it, `tags` the language of `{{tags}}`, `text` the plain part.
"""
