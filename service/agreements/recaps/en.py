"""Recaps in English."""

from service.agreements.agreement import VerbalKind
from service.agreements.wording import Wording

RECAP = Wording(
    language="en",
    subject="To confirm: {title}",
    greeting="Hello,",
    after={
        VerbalKind.CALL: "Thank you for the call on {day}. To keep it in writing, we settled this:",
        VerbalKind.VOICE: (
            "Thank you for the voice message of {day}. To keep it in writing, this is how I understood it:"
        ),
        VerbalKind.MEETING: "Thank you for the meeting on {day}. To keep it in writing, we settled this:",
        VerbalKind.MENTION: "To keep in writing what was said before {day}, we settled this:",
    },
    written="To keep it in one place, these are the terms as I have them:",
    nothing_known="(please write here what was settled)",
    due="by {day}",
    question="Is everything right? Please reply “yes, agreed”, or correct what I got wrong.",
    closing="Thank you!",
    untitled="our talk",
    dates="%d %B %Y",
)
