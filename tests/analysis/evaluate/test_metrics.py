"""Measures against examples worked out by hand, and TREC files in and out."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.analysis.evaluate.metrics import (
    check_known,
    f1,
    qrels_lines,
    read_qrels,
    read_run,
    run_lines,
    scored,
)
from lookalike.errors import BadFeed

# Ranked a b c d e; right are b, d and x, which was not found.
RUN = {"q": {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 1.0}}
RIGHT = {"q": {"b", "d", "x"}}


def test_the_measures_are_those_worked_out_by_hand():
    found = {name: values["q"] for name, values in scored({"run": RUN}, RIGHT)["run"].items()}
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["P@1"] == 0
    assert found["P@5"] == pytest.approx(2 / 5)
    assert found["P@10"] == pytest.approx(2 / 10)
    assert found["R@10"] == pytest.approx(2 / 3)
    assert found["F1@5"] == pytest.approx(2 * 0.4 * (2 / 3) / (0.4 + 2 / 3))
    assert found["F1@10"] == pytest.approx(2 * 0.2 * (2 / 3) / (0.2 + 2 / 3))
    assert found["mAP@50"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert found["NDCG@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found["MRR@50"] == pytest.approx(1 / 2)
    assert (found["hit@1"], found["hit@10"]) == (0, 1)


def test_a_query_that_found_nothing_counts_as_nothing_found():
    found = scored({"run": RUN}, {"q": {"b"}, "silent": {"a"}}, ("P@5", "F1@10"))["run"]
    assert found == {"P@5": {"q": 0.2, "silent": 0.0}, "F1@10": {"q": pytest.approx(2 / 11), "silent": 0.0}}


def test_nothing_relevant_is_nothing_to_measure():
    assert scored({"run": RUN}, {"q": set()}, ("P@5",)) == {"run": {"P@5": {}}}


def test_scoring_leaves_its_input_as_it_was():
    run, right = {"q": dict(RUN["q"])}, {"q": set(RIGHT["q"])}
    scored({"run": run}, right)
    assert (run, right) == (RUN, RIGHT)


@given(st.floats(0, 1), st.floats(0, 1))
def test_f1_lies_between_its_parts(precision: float, recall: float):
    assert min(precision, recall) - 1e-9 <= f1(precision, recall) <= max(precision, recall) + 1e-9


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


@given(st.dictionaries(WORDS, st.sets(WORDS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_judgements_and_runs_come_back_whatever_the_ids_are(relevant: dict[str, set[str]]):
    import tempfile

    run = {query: {id: float(n) for n, id in enumerate(sorted(ids), 1)} for query, ids in relevant.items()}
    with tempfile.TemporaryDirectory() as folder:
        qrels, written = Path(folder) / "a.qrels", Path(folder) / "a.run"
        qrels.write_text("".join(qrels_lines(relevant)), "utf-8")
        written.write_text("".join(run_lines(run, "my recipe")), "utf-8")
        assert read_qrels(qrels) == relevant
        assert read_run(written) == run


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("q Q0 a 1 nan tag", "no score that ranks"),
        ("q Q0 a 1 inf tag", "no score that ranks"),
        ("q Q0 a 1 high tag", "is no number"),
        ("q Q0 a 1 0.5", "6 columns are wanted, not 5"),
    ],
)
def test_a_bad_line_of_a_run_is_refused_with_its_number(tmp_path: Path, line: str, reason: str):
    file = tmp_path / "bad.run"
    file.write_text(f"q Q0 b 1 0.9 tag\n{line}\n", "utf-8")
    with pytest.raises(BadFeed, match=reason) as refused:
        read_run(file)
    assert "line 2" in str(refused.value)


def test_a_run_for_queries_nobody_judged_is_refused():
    with pytest.raises(BadFeed, match="1 queries without judgements, 'other' first"):
        check_known({"other": {"a": 1.0}}, {"q": {"a"}}, "some.run")
