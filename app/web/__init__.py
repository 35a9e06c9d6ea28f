"""Addresses for operators: whether the instance lives, and whether it can take hits.

Anybody may ask; nothing here names a person. Start reading at `health`.
"""
