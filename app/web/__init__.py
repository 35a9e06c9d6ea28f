"""Addresses for operators and scripts: whether the instance lives and can take hits; imports; exports; report pages.

Anybody may ask for the health; imports and exports need a token, report pages a link that one made. Start reading at
`health`, then `imports` and `exports`, and `report_page` for what has a browser.
"""
