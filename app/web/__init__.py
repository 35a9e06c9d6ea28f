"""Addresses for operators and scripts: whether the instance lives and can take hits; imports.

Anybody may ask for the health; imports need a token. Start reading at `health`, then `imports`.
"""
