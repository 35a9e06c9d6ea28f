"""Writing: one verb a file. Everything that changes what is stored goes through here.

Doors enter with a `Unit` (one request, batch or job, one transaction) and get ids back; what they show of them
comes from `disclosure`. Start reading at `unit`, then `answers`, then `prepare_messages` and `drain`.
"""
