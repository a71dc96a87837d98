"""The other side of the channels, for the machine of the run: keeps the bytes, and answers as it is told to."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from einvoice.outbox import Effect, Outcome, State
from einvoice.receivables.channels.folder import FolderSender, name_of
from tests.receivables.letters import written
from tests.receivables.run_oracle import Sent

NUMBER = re.compile(r"INV\d{4}")
ANSWERS = {
    "taken": Outcome(State.SENT, proof="250 ok"),
    "reported": Outcome(State.DELIVERED, proof="report"),
    "recipient": Outcome(State.FAILED, reason="recipient: 550 no such mailbox"),
    "text": Outcome(State.FAILED, reason="text: 554 refused"),
    "busy": Outcome(State.PLANNED, reason="450 later"),
    "broken": Outcome(State.UNKNOWN, reason="it broke off"),
}
RAISES = "raises"
Heard = Callable[[Effect, Sent], str]
"""What is handed to a sender, before it answers; gives the answer's name."""


class Post:
    """Mail and letters: everything that was handed in, by the outbox's number; the last attempt counts."""

    def __init__(self, letters: Path, now: Callable[[], datetime], heard: Heard) -> None:
        self.letters = letters
        self.now = now
        self.heard = heard
        self.sent: dict[int, Sent] = {}
        self.address: dict[int, str] = {}
        self.unsure: set[int] = set()  # letters that are there and that the relay does not know of

    def channels(self) -> dict[str, Mail]:
        """A sender for each channel."""
        return {"email": Mail(self), "letter": Letters(self)}

    def keep(self, effect: Effect, data: bytes, text: str) -> str:
        """Notes an attempt; how it is answered."""
        numbers = tuple(dict.fromkeys(NUMBER.findall(text)))
        action, digest = effect.subject.partition(":")[2], hashlib.sha256(data).hexdigest()
        assert effect.id is not None
        made = Sent(effect.id, effect.key, action, effect.channel, numbers, digest, self.now(), "sending")
        self.sent[effect.id] = made
        self.address[effect.id] = effect.address
        answer = self.heard(effect, made)
        made.at = self.now()
        return answer


class Mail:
    """Takes mail; nobody can ask it whether it has seen a key."""

    recognises_keys = False

    def __init__(self, post: Post) -> None:
        self.post = post

    def send(self, effect: Effect) -> Outcome:
        """Answers as the debtor's side is told to."""
        body = email.message_from_bytes(effect.payload, policy=email.policy.default).get_body(("plain",))
        assert body is not None
        answer = self.post.keep(effect, effect.payload, body.get_content())
        if answer == RAISES:
            self.post.sent[effect.id or 0].state = "unknown"
            raise RuntimeError("the provider's library fell over")
        outcome = ANSWERS[answer]
        self.post.sent[effect.id or 0].state = outcome.state.value
        return outcome

    def close(self) -> None:
        """Nothing is held open."""


class Letters(Mail):
    """The real folder of letters; what is noted is what lies in it. May fall over after the letter is there."""

    recognises_keys = True

    def send(self, effect: Effect) -> Outcome:
        """Writes the letter, then answers."""
        outcome = FolderSender(self.post.letters).send(effect)
        manifest = json.loads((self.post.letters / f"{name_of(effect)}.json").read_text("utf-8"))
        data = (self.post.letters / manifest["letter"]).read_bytes()
        answer = self.post.keep(effect, data, written(data))
        self.post.sent[effect.id or 0].state = outcome.state.value
        self.post.unsure.discard(effect.id or 0)
        if answer == RAISES:  # the letter is there, the relay does not know it: handed in again, it is the same letter
            self.post.sent[effect.id or 0].state = "unknown"
            self.post.unsure.add(effect.id or 0)
            raise OSError("the disk went away")
        return outcome
