"""When is an occasion due? Pure date arithmetic behind the key `moment:` of `occasion.yaml`.

A moment is a word, one rule with its options, or a list of these. `N` is a whole number, `COLUMN` a roster column that
holds a day (`…_on`) or a time (`…_at`). Where a rule counts from `DAY`, that is a `COLUMN`, the word `birthday`, or the
name of a festival.

| `moment:` | due | key |
|---|---|---|
| `birthday` | on the birthday: `lunar_birthday` where it is filled, otherwise `birthday` | year (lunar year) |
| `{birthday: "03-01"}` | the same; those of 29 February on 1 March in common years, not on 28 February | year |
| `{birthday: "02-28", leap_month: plain}` | the same; those of a leap month always in the plain month | year |
| `{anniversary: COLUMN}` | every later year on that day | year |
| `{lunar_anniversary: COLUMN}` | every later lunar year on that lunar day; the column holds a civil day or `8-15` | lunar year |
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
| `{within_days: "DAY N"}` | once, as soon as possible in the N days after it: also what is written down late | that day |
| `{hours_after: "COLUMN N"}`, `{hours_before: "COLUMN N"}` | at an hour of its own, so long after or before a time | that time |
| `{minutes_after: "COLUMN N"}`, `{minutes_before: "COLUMN N"}` | the same in minutes | that time |
| `daily`, `workdays` | every day; every workday | day |
| `{weekly: thursday, weeks: odd}` | on a weekday (or a list) of all, odd or even ISO weeks | day |
| `{every: "2 weeks", from: 2026-01-08}` | from a date on, in days, weeks, months, years; `on: thursday` agrees | day |
| `{every: "6 months", since: COLUMN}` | for each reader from their own day on, the first time after one step | day |
| `{every: "3 days", since: COLUMN, times: 5, until: COLUMN}` | the same, at most so many times, until a column is filled | day |
| `{monthly: 25}`, `{monthly: [1, 16]}` | on days of the month; in a short month its last day | day |
| `{monthly: last-workday}`, `first-workday`, `"workday 7"` | on a workday of the month | month and number |
| `{birthdays_of_month: first-workday}` | as `monthly`, for those whose birthday, solar or lunar, falls in that month | as `monthly` |
| `{on_fact: KIND}` | at once when such a fact is told (`notigate fact add`) | the fact's key |
| `{on_fact: KIND, within: 1h}` | the same; what could not go out after so long (`30m`, `1h`, `2d`) is dropped | the fact's key |
| `{on_fact: KIND, days_after: N}` | N days after it; also `days_before`, `workdays_…`, `months_…`, `hours_…` | the fact's key |
| `{on_fact: KIND, hours_after: 1, unless: OTHER}` | not once there is a fact `OTHER` with the same key | the fact's key |
| `{on_fact: KIND, for: project}` | for all of the project, also if the fact names a building or a person | the fact's key |
| `weather` | when a warning stands for tomorrow | day, kind of weather, city |
| `{weather: {events: [rain], level: orange, rain: 50}}` | by [warnings and limits](#weather) | the same |
| `approval` | when a batch is drafted or changes, and when its hour comes without a word | batch and event |
| `manual` | only when somebody sends it | – |

Odd ISO weeks and every two weeks are two things: 2026 has 53 weeks, so the Thursdays 2026-12-31 and 2027-01-07 are
both odd. With `birthday` or a festival as DAY the key is the year, as of that birthday or festival. A company's holiday
is the run of rest days that holds the festival. Lunar birthdays: born on the 30th is kept on the 29th of a short month;
born in a leap month is kept in it when the year has it, otherwise in the plain month. Texts find the day on which a birthday
falls this time as `birthday_on`.

Three options go with every rule. `until: COLUMN` ends it once that column is filled; `optional: true` lets a roster without the
columns that it asks for do without it, where another rule can be told; `who: EXPRESSION` narrows the readers of the occasion to
those of this rule. So one occasion may treat people differently:

    moment:
      - {weekly: thursday, who: "class == 'C'"}
      - {monthly: [1, 16], who: moved_in}

In a list, what counts from one day, birthday, festival or fact is a message for each rule; what recurs (`daily`, `workdays`,
`weekly`, `every`, `monthly`) is one message a day, whichever rules meet. `COLUMN` may stand for several: `due_*_on` for
`due_1_on`, `due_2_on` … `due_12_on`, each with a message of its own. The texts then find the columns of that number under
their plain names (`amount_2` as `amount`), and `number`.

A fact has a kind, a day (perhaps an hour), whom it concerns, and values; texts and `who` find these by their names, its kind as
`fact`, its day as `on` and its hour as `at`; `building` is the one it names. What is told late is due on the day it is told,
unless it announces what is over by then.

A key never depends on the day it is sent on, so a plan may be asked again and again. What has an hour of its own does not wait
for the windows of the policy: it goes at its hour, inside `at:` where the occasion has one; where it has none, never to customers
from 22:00 to 08:00. Before an event, it is worth nothing once the event has come; and what was to go out days before one is
dropped when its day has gone by, whatever `late:` says.

All of a moment and of `who` must still hold when a message goes out that waited for its hours, for an approval or for a channel:
who has signed meanwhile is not reminded to. What waited for its hours says what roster, facts and texts say by then. When the day
in a column moves, what was planned for the old one is called off and the new one is planned; what had gone out already is listed
by `notigate corrections`.

Example:
    >>> from datetime import date
    >>> from notigate.calendar import Almanac
    >>> due = parse({"days_after": "subscribed_on 1"}).on(date(2026, 11, 21), Almanac())
    >>> [(found.key, str(found.day)) for found in due({"subscribed_on": date(2026, 11, 20)})]
    [('2026-11-20', '2026-11-21')]
"""

from __future__ import annotations

from notigate.moments.birthdays import read_lunar_birthday
from notigate.moments.facts import Fact, OnFact
from notigate.moments.festivals import FESTIVALS
from notigate.moments.parts import Part, Several, parts
from notigate.moments.reading import parse
from notigate.moments.signals import Approval, Manual
from notigate.moments.weather import Weather
from notigate.moments.words import MomentError

__all__ = [
    "FESTIVALS",
    "Approval",
    "Fact",
    "Manual",
    "MomentError",
    "OnFact",
    "Part",
    "Several",
    "Weather",
    "parse",
    "parts",
    "read_lunar_birthday",
]
