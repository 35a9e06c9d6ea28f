"""Bytes to tokens and back: encrypts what `domain/tokens` lays out, composes addresses and opens them.

Knows keys and the domain, nothing else: no clock, no storage, no HTTP. Entered by whoever writes addresses
into mails and pages, by the doors that answer at these addresses, and by `actions` for keys kept at rest.
Start reading in `keyring.py`, then `links.py`; `ids.py` seals what the API names things by.
"""
