"""How many sub-problems go into the next batch."""

from __future__ import annotations

from itertools import islice

from apwa_runtime.batch_sizes import TARGET, BatchSizes


def test_batches_that_are_never_measured_grow_all_the_same() -> None:
    sizes = list(islice(BatchSizes(None, 1000, 4), 48))
    assert sizes[0] == 1
    assert sizes[-1] == 1000
    assert sizes == sorted(sizes)


def test_a_measured_batch_takes_about_the_target() -> None:
    sizes = BatchSizes(None, 1000, 4)
    for _ in range(20):
        size = next(sizes)
        sizes.measured(size, size * TARGET / 50)
    assert next(sizes) == 50


def test_the_sizes_of_a_known_number_add_up_and_shrink_towards_the_end() -> None:
    sizes, given = BatchSizes(10_000, 512, 4), []
    while sum(given) < 10_000:
        given.append(next(sizes))
        sizes.measured(given[-1], given[-1] / 10_000)
    assert given[-1] <= 16 < max(given)


def test_no_batch_is_smaller_than_one_call_takes() -> None:
    assert min(islice(BatchSizes(100, 128, 4, least=32), 3)) == 32


def test_a_batch_of_slow_calls_is_as_wide_as_its_worker() -> None:
    sizes = BatchSizes(10_000, 512, 2, wide=64)
    for _ in range(20):
        size = next(sizes)
        assert size >= 64
        sizes.measured(size, 20.0)
    assert next(sizes) == 64


def test_a_few_slow_calls_are_shared_by_all_slots() -> None:
    sizes = BatchSizes(100, 512, 4, wide=64)
    assert next(sizes) <= 25


def test_batches_that_are_cut_short_do_not_shrink_to_one() -> None:
    """What weighs much is cut earlier than was asked for, so that more batches come than the sizes add up to."""
    sizes, given = BatchSizes(1000, 512, 4), 0
    while given < 1000:
        size = next(sizes)
        sizes.measured(size, size / 10_000)
        given += size
    assert min(islice(sizes, 20)) > 100


def test_one_that_ran_alone_tells_little() -> None:
    sizes = BatchSizes(None, 1000, 4)
    for _ in range(20):
        size = next(sizes)
        sizes.measured(size, size * TARGET / 500)
    sizes.measured(1, TARGET / 5)
    assert 400 < next(sizes) <= 500
