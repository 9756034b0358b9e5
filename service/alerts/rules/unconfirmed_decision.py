"""A verbal decision without written confirmation. In: Gap. Out: Alert once the team's limit has passed."""

from datetime import datetime

from service.agreements.agreement import SURE
from service.agreements.gap import Gap
from service.alerts.alert import Alert, about_gap
from service.alerts.rule import Rule, Terms


def judge(gap: Gap, terms: Terms, now: datetime) -> Alert | None:
    """Alert when the working days in which a recap should have been confirmed are over.

    Nobody is called for a mention that may be none: it waits on the page, among what is to be checked.
    """
    if gap.confidence < SURE:
        return None
    due_at = terms.calendar.after(gap.at, terms.confirm_within_days)
    return about_gap(RULE.name, gap, due_at) if now >= due_at else None


RULE = Rule(
    "unconfirmed_decision",
    Gap,
    "Something was decided by voice, and the other side has not confirmed it in writing in time.",
    judge,
    "Not in writing",
    "Nobody had confirmed it in writing by {due}.",
)
