"""Addresses for operators and scripts: health, imports, exports, report pages, mails in bulk.

Anybody may ask for the health; imports, exports and messages need a token, report pages a link that one made.
Start reading at `health`, then `imports`, `exports` and `messages`, and `report_page` for what has a browser.
"""
