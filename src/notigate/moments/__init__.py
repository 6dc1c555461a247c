"""When is an occasion due? Pure date arithmetic behind the key `moment:` of `occasion.yaml`.

A moment is a word or one rule with its options. `N` is a whole number, `COLUMN` a roster column that holds a day. Where
a rule counts from `DAY`, that is a `COLUMN`, the word `birthday`, or the name of a festival.

| `moment:` | due | key |
|---|---|---|
| `birthday` | on the birthday: `lunar_birthday` where it is filled, otherwise `birthday` | year (lunar year) |
| `{birthday: "03-01"}` | the same; those of 29 February on 1 March in common years, not on 28 February | year |
| `{anniversary: COLUMN}` | every later year on that day | year |
| `{date: "12-25"}` | every year | year |
| `{date: "2026-12-25"}` | once | day |
| `{lunar: "8-15"}`, `{lunar: new-year-eve}` | every lunar year, never in a leap month | lunar year |
| `{term: qingming}` | on the first day of a solar term, by pinyin or 清明 | year |
| `{holiday: mid-autumn}` | on a festival (names: `FESTIVALS`) | year (lunar year) |
| `{before_holiday: "spring-festival 1"}` | N days before the company's own holiday begins | as the festival |
| `{day_of: DAY}` | on the day itself | that day |
| `{days_after: "DAY N"}`, `{days_before: "DAY N"}` | N days later or earlier; 0 is the day itself | that day |
| `{nth_day: "DAY N"}` | the Nth day, counting the day itself as the 1st: `nth_day 5` is `days_after 4` | that day |
| `{workdays_after: "DAY N"}`, `{workdays_before: "DAY N"}` | the Nth workday after or before it | that day |
| `{workday_after: DAY}` | the next workday: covers everyone since the previous one | that day |
| `{months_after: "DAY N"}`, `{months_before: "DAY N"}` | N months on; in a short month its last day | that day |
| `daily`, `workdays` | every day; every workday | day |
| `{weekly: thursday, weeks: odd}` | on a weekday (or a list) of all, odd or even ISO weeks | day |
| `{every: "2 weeks", from: 2026-01-08}` | from a date on, in days, weeks, months, years; `on: thursday` agrees | day |
| `{every: "6 months", since: COLUMN}` | for each reader from their own day on, the first time after one step | day |
| `{monthly: 25}`, `{monthly: [1, 16]}` | on days of the month; in a short month its last day | day |
| `{monthly: last-workday}`, `first-workday`, `"workday 7"` | on a workday of the month | month and number |
| `weather` | when the weather source says so for tomorrow | the day of that weather |
| `manual` | only when somebody sends it | – |

Odd ISO weeks and every two weeks are two things: 2026 has 53 weeks, so the Thursdays 2026-12-31 and 2027-01-07 are
both odd. With `birthday` or a festival as DAY the key is the year, as of that birthday or festival. A company's holiday
is the run of rest days that holds the festival. Lunar birthdays: born on the 30th is kept on the 29th of a short month;
born in a leap month is kept in it when the year has it, otherwise in the plain month.

A key never depends on the day it is sent on, so a plan may be asked again and again. Hours are not a moment's business:
`at:` names them, and what is due within minutes of an event (an answer, a change of appointment) is `manual` and sent
by its caller.

Example:
    >>> from datetime import date
    >>> from notigate.calendar import Almanac
    >>> due = parse({"days_after": "subscribed_on 1"}).on(date(2026, 11, 21), Almanac())
    >>> due({"subscribed_on": date(2026, 11, 20)})
    Occurrence(key='2026-11-20', day=datetime.date(2026, 11, 21))
"""

from __future__ import annotations

from notigate.moments.birthdays import read_lunar_birthday
from notigate.moments.festivals import FESTIVALS
from notigate.moments.reading import parse
from notigate.moments.signals import Manual, Weather
from notigate.moments.words import MomentError

__all__ = ["FESTIVALS", "Manual", "MomentError", "Weather", "parse", "read_lunar_birthday"]
