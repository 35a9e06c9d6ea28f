"""The rules, pure: no clock, no randomness, no async, no environment; told everything, it answers.

Everybody may enter; it imports nothing but the standard library (and `idna` for addresses).
Start reading at `modes` (the words), then `permission`, then `precedence` (the heart).
"""
