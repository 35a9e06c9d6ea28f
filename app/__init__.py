"""Assent's application: the rules, the hands, the verbs and the doors, and the roof that joins them.

ARCHITECTURE.md has the map. Start reading at `main` for the whole, at `domain` for the rules.
"""
