"""Addresses for operators and scripts: whether the instance lives and can take hits; imports; exports.

Anybody may ask for the health; imports and exports need a token. Start reading at `health`, then `imports` and `exports`.
"""
