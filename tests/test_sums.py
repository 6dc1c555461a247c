"""What a run came to, in one number."""

from __future__ import annotations

import pytest

from notigate.errors import ExitCode
from notigate.model import State
from notigate.sums import Sums, exit_code

#: what is set of a run's sums, and the number that it adds to those below it; what matters most stands first
ORDER = [
    ("suspected", ExitCode.SOME_UNKNOWN),
    ("unapproved", ExitCode.NOT_APPROVED),
    ("data_missing", ExitCode.DATA_MISSING),
    ("broken", ExitCode.CONFIGURATION),
    ("failed", ExitCode.SOME_FAILED),
]


def came_to(*found):
    sums = Sums()
    for what in found:
        if what == "failed":
            sums.counts[State.FAILED] = 1
        else:
            setattr(sums, what, True)
    return sums


@pytest.mark.parametrize("most", range(len(ORDER)))
def test_the_exit_code_is_that_of_what_matters_most(most):
    assert exit_code(came_to(*[what for what, _code in ORDER[most:]]), unknown=0) is ORDER[most][1]


def test_an_unknown_outcome_outranks_all_that_a_run_came_to():
    assert exit_code(came_to(*[what for what, _code in ORDER[1:]]), unknown=1) is ExitCode.SOME_UNKNOWN


@pytest.mark.parametrize("state", [State.FAILED, State.INVALID, State.EXPIRED, State.RETRY_WAIT])
def test_what_was_not_sent_for_a_reason_of_its_own_is_some_failed(state):
    sums = Sums()
    sums.counts[state] = 1
    assert exit_code(sums, unknown=0) is ExitCode.SOME_FAILED


@pytest.mark.parametrize("state", [State.ACCEPTED, State.SUPPRESSED, State.HELD, State.CANCELLED, State.DUPLICATE])
def test_what_a_rule_or_a_person_decided_is_no_failure(state):
    sums = Sums()
    sums.counts[state] = 1
    assert exit_code(sums, unknown=0) is ExitCode.DONE


def test_one_broken_occasion_beside_others_that_went_is_some_failed():
    sums = came_to("broken")
    sums.counts[State.ACCEPTED] = 1
    assert exit_code(sums, unknown=0) is ExitCode.SOME_FAILED
