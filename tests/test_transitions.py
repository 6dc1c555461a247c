"""The table of legal changes: what may follow what, and what never."""

from __future__ import annotations

import pytest

from notigate.ledger import transitions
from notigate.ledger.transitions import FIRST, LEGAL, OPEN, SETTLED
from notigate.model import State

S = State
#: states in which a request may exist at the provider, or did
ASKED = {S.SENDING, S.UNKNOWN, S.ACCEPTED, S.DELIVERED, S.UNDELIVERED}


def reachable(start: State) -> set[State]:
    seen, waiting = set(), [start]
    while waiting:
        for state in LEGAL[waiting.pop()] - seen:
            seen.add(state)
            waiting.append(state)
    return seen


def test_the_table_knows_every_state():
    assert set(LEGAL) == set(State)


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_what_is_not_in_the_table_raises(old: State, new: State):
    if new in LEGAL[old]:
        transitions.check(old, new)
    else:
        with pytest.raises(ValueError, match=f"illegal change of state: {old} -> {new}"):
            transitions.check(old, new)


@pytest.mark.parametrize("state", State)
def test_no_state_follows_itself(state: State):
    assert state not in LEGAL[state]


def test_only_what_is_claimed_is_sent():
    assert {old for old in State if S.SENDING in LEGAL[old]} == {S.CLAIMED}


def test_what_is_being_sent_is_never_queued_again_without_proof():
    assert not LEGAL[S.SENDING] & {S.QUEUED, S.CLAIMED, S.CANCELLED, S.SUPPRESSED, S.INVALID}


def test_what_the_provider_has_is_never_sent_again():
    assert S.SENDING not in reachable(S.ACCEPTED)


@pytest.mark.parametrize("state", [S.FAILED, S.INVALID, S.SUPPRESSED, S.DUPLICATE, S.EXPIRED, S.CANCELLED, S.DELIVERED])
def test_an_end_is_an_end(state: State):
    assert not LEGAL[state]


def test_only_proof_or_a_person_queues_an_unknown_one():
    assert {old for old in ASKED if S.QUEUED in LEGAL[old]} == {S.UNKNOWN}


def test_an_unknown_one_is_not_tried_again_past_the_queue():
    assert not LEGAL[S.UNKNOWN] & {S.CLAIMED, S.SENDING, S.RETRY_WAIT, S.HELD}


def test_the_carrier_corrects_itself_in_one_direction_only():
    assert LEGAL[S.UNDELIVERED] == {S.DELIVERED}
    assert not LEGAL[S.DELIVERED]


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_come_to_an_end(state: State):
    assert reachable(state) & SETTLED


@pytest.mark.parametrize("state", sorted(set(State) - FIRST - {S.DUPLICATE}))
def test_every_state_is_reached_from_a_first_one(state: State):
    assert any(state in reachable(first) for first in FIRST)


def test_open_settled_and_unknown_are_all_states_once():
    assert OPEN | SETTLED | {S.UNKNOWN} == set(State)
    assert not OPEN & SETTLED
    assert S.UNKNOWN not in OPEN | SETTLED


def test_nobody_plans_a_delivery_that_was_sent_already():
    assert not FIRST & (ASKED | {S.CLAIMED, S.RETRY_WAIT, S.FAILED, S.CANCELLED})


def test_nothing_is_unknown_that_was_not_being_sent_or_to_be_sent_again():
    assert {old for old in State if S.UNKNOWN in LEGAL[old]} == {S.SENDING, S.QUEUED}
