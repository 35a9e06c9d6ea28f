"""Sending mail onward: by SMTP, or as files in the outbox where no server is named.

`actions` may enter. Start reading at `mailer`.
"""
