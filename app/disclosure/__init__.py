"""Reading: what this principal may see. The one gate of personal data.

Doors enter with a `Reader` and get views back, plain values that may be shown as they are. Precedence, anonymity,
withdrawal and ownership are applied here, at query time, by the rules of `domain`; whatever a door returns comes
from here, after a write too. Start reading at `reader`, then `subscribers`, `deliveries` and `reports`.
"""
