"""The quick way to a mode says what the way with the trace says, whatever is decided."""

from hypothesis import given, settings

from app.domain.precedence import decide, decide_hit
from app.domain.precedence_modes import decide_hit_mode, decide_modes
from tests.domain.tracking import hits, sendings


@settings(max_examples=500)
@given(sending=sendings())
def test_modes_at_sending_are_those_of_the_traced_decision(sending):
    decision = decide(sending)

    assert decide_modes(sending) == (decision.opens.mode, decision.clicks.mode)


@settings(max_examples=500)
@given(hit=hits())
def test_the_mode_at_a_hit_is_that_of_the_traced_decision(hit):
    assert decide_hit_mode(hit) is decide_hit(hit).mode
