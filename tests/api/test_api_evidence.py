"""The words, the bytes and the proof of every agreement can be had, and checked by somebody else."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from service.ledger.verify import main as verify


def test_an_agreement_leads_to_its_exact_words(served):
    key = served.seeded.agreement_key("clinic-1")
    agreement = served.igor.get(f"/agreements/{key}").json()
    assert (agreement["status"], agreement["project"], agreement["due"]) == (
        "agreed",
        "Clinic site",
        "2026-03-10",
    )
    assert [one["role"] for one in agreement["evidence"]] == ["proposal", "answer"]
    for evidence in agreement["evidence"]:
        message = served.igor.get(f"/messages/{evidence['message_id']}").json()
        assert message["text"][evidence["start"] : evidence["end"]] == evidence["quote"]
    assert [agreement["proposed_by"], agreement["answered_by"]] == ["Olga Levina", "Igor Samoilov"]


def test_agreements_can_be_filtered(served):
    def titles(**wanted: str) -> list[str]:
        return [one["title"] for one in served.admin.get("/agreements", params=wanted).json()["items"]]

    assert titles(status="agreed") == ["64 000 for the form"]
    assert titles(project="Booking pages") == titles(status="rejected")
    assert titles(client="Clear Sight Clinic", status="verbal_only") == ["Online payment for 38 000"]
    assert titles(text="FORM 64") == ["64 000 for the form"]
    assert titles(text="%") == titles(text="no such words") == titles(project="Nowhere") == []


@pytest.mark.parametrize("mail", ["clinic-1", "clinic-2", "hotel-1"])
def test_an_original_comes_back_byte_for_byte_with_its_hash(served, mail):
    key = served.seeded.messages[mail]
    answer = served.admin.get(f"/messages/{key}/original")
    message = served.admin.get(f"/messages/{key}").json()
    (sighting,) = message["sightings"]
    assert answer.content == Path(sighting["place"]).read_bytes()
    digest = sha256(answer.content).hexdigest()
    assert digest == message["original_sha256"] == answer.headers["x-scripta-sha256"]
    # What somebody else wrote must never run in a browser.
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment;")


def test_a_message_shows_its_three_times_and_its_people(served):
    message = served.igor.get(f"/messages/{served.seeded.messages['clinic-2']}").json()
    times = message["times"]
    assert message["sent_at"] == times["claimed_at"] == "2026-03-02T10:30:00Z"
    assert (message["offset_minutes"], times["rule"]) == (180, "claimed")
    assert (times["stamped_at"], times["internal_at"]) == (None, None)
    assert times["seen_at"] > message["sent_at"]
    assert message["author"] == {"name": "Igor Samoilov", "address": "igor@clinic.example", "side": "client"}
    assert [one["side"] for one in message["to"]] == ["agency"]


def test_a_hit_is_marked_where_the_words_are(served):
    hit = served.igor.get("/search", params={"q": "approve 64"}).json()["items"][-1]
    text = hit["snippet"]["text"]
    assert {text[start:end].lower() for start, end in hit["snippet"]["marks"]} == {"approve", "64"}


def test_every_entry_is_proved_offline_with_the_public_key_alone(served, tmp_path, capsys):
    key = served.auditor.get("/ledger/key").text
    entries = served.auditor.get("/ledger/entries", params={"limit": 200}).json()["items"]
    assert [one["seq"] for one in entries] == list(range(len(entries)))
    for entry in entries:
        proof = tmp_path / "proof.json"
        proof.write_bytes(served.auditor.get(f"/ledger/entries/{entry['seq']}/proof").content)
        assert verify([str(proof), "--key", key]) == 0, capsys.readouterr()
        said = json.loads(json.loads(proof.read_text("utf-8"))["entry"])
        assert said["subject"] == entry["subject"]


def test_a_forged_proof_is_found_offline(served, tmp_path):
    key = served.auditor.get("/ledger/key").text
    entries = served.auditor.get("/ledger/entries", params={"limit": 200}).json()["items"]
    entry = next(one for one in entries if "64 000" in json.dumps(one["body"]))
    honest = served.auditor.get(f"/ledger/entries/{entry['seq']}/proof").text
    proof = tmp_path / "proof.json"
    proof.write_text(honest.replace("64 000", "46 000"), "utf-8")
    assert verify([str(proof), "--key", key]) == 1


def test_the_newest_checkpoint_extends_every_older_one(served, tmp_path):
    key = served.auditor.get("/ledger/key").text
    newest = served.auditor.get("/ledger/checkpoint").text
    size = int(newest.splitlines()[1])
    proved = 0
    for old in range(1, size + 1):
        answer = served.auditor.get("/ledger/consistency", params={"old": old})
        if answer.status_code == 409:  # nothing was signed at this size
            continue
        proof = tmp_path / "consistency.json"
        proof.write_bytes(answer.content)
        assert verify([str(proof), "--key", key]) == 0
        proved += 1
    assert proved >= 2


def test_entries_can_be_asked_for_by_what_they_are_about(served):
    everything = served.auditor.get("/ledger/entries", params={"limit": 200}).json()["items"]
    subject = next(one["subject"] for one in everything if one["kind"] == "alert.opened")
    found = served.auditor.get("/ledger/entries", params={"subject": subject}).json()["items"]
    assert found == [one for one in everything if one["subject"] == subject]
    assert found


def test_an_entry_that_does_not_exist_is_not_proved(served):
    answer = served.auditor.get("/ledger/entries/100000/proof")
    assert (answer.status_code, answer.json()["detail"]) == (404, "The ledger has no entry 100000.")
