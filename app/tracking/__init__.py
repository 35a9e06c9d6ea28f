"""The door that meets the whole internet: the pixel (`/o/`) and the links (`/c/`) of mails already sent.

Opens the token offline, classifies, appends to the journal, answers; never needs the database and never
answers with an error from behind. Entered by the application before its router. Start reading in `door.py`.
"""
