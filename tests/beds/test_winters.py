"""Winters drawn from a forecast: on average as forecast, spread as asked, the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocate.beds.sampler import Shape, draw_arrivals, draw_outbreaks

CALM = Shape(0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, 1)
MEAN = np.array([[[6.0, 8.0, 10.0, 4.0], [2.0, 1.0, 0.0, 3.0]]])  # one zone, two types, four weeks


@pytest.mark.parametrize(
    "shape",
    [
        CALM,
        replace(CALM, year_spread=0.2),
        replace(CALM, week_spread=0.3, week_memory=0.7),
        replace(CALM, peak_chance=0.5, peak_lift=0.6, peak_weeks=2),
    ],
)
def test_people_come_as_forecast_on_average(shape: Shape) -> None:
    """Whatever makes winters differ, their mean is the forecast."""
    drawn = draw_arrivals(MEAN, shape, 40_000, 3)
    assert np.allclose(drawn.mean(axis=0), MEAN, atol=0.12)


def test_nobody_comes_where_nobody_is_expected() -> None:
    """A week with a forecast of nought has nobody in any winter."""
    shape = replace(CALM, year_spread=0.3, week_spread=0.3, peak_chance=1.0, peak_lift=1.0)
    assert not draw_arrivals(MEAN, shape, 500, 3)[:, 0, 1, 2].any()


def test_winters_differ_as_far_as_asked() -> None:
    """The spread of whole winters is that of years, beside chance."""
    large = MEAN * 1000  # so that chance is small
    drawn = draw_arrivals(large, replace(CALM, year_spread=0.2), 5_000, 3).sum(axis=(1, 2, 3))
    assert drawn.std() / drawn.mean() == pytest.approx(0.2, abs=0.01)


def test_weeks_remember_the_week_before() -> None:
    """Weeks that are above the course tend to be followed by such weeks, as far as asked."""
    large = np.full((1, 1, 30), 10_000.0)
    shape = replace(CALM, week_spread=0.2, week_memory=0.8)
    course = np.log(draw_arrivals(large, shape, 2_000, 3)[:, 0, 0])
    assert course.std() == pytest.approx(0.2, abs=0.01)
    pairs = np.corrcoef(course[:, :-1].ravel(), course[:, 1:].ravel())
    assert pairs[0, 1] == pytest.approx(0.8, abs=0.02)


def test_the_same_seed_draws_the_same_winters() -> None:
    """A draw repeats byte for byte, and another seed draws other winters."""
    shape = replace(CALM, year_spread=0.2, outbreak_chance=0.5, outbreak_weeks=2)
    assert np.array_equal(draw_arrivals(MEAN, shape, 50, 7), draw_arrivals(MEAN, shape, 50, 7))
    assert not np.array_equal(draw_arrivals(MEAN, shape, 50, 7), draw_arrivals(MEAN, shape, 50, 8))
    assert np.array_equal(draw_outbreaks(9, 20, shape, 50, 7), draw_outbreaks(9, 20, shape, 50, 7))


def test_homes_close_as_often_and_as_long_as_asked() -> None:
    """An outbreak ends within the winter, and homes have one in the share of winters asked."""
    shape = replace(CALM, outbreak_chance=0.25, outbreak_weeks=3)
    drawn = draw_outbreaks(40, 20, shape, 1_000, 7)
    assert len(drawn) == pytest.approx(10_000, rel=0.05)
    length = drawn[:, 3] - drawn[:, 2] + 1
    assert length.max() == 3
    assert drawn[:, 3].max() == 19
    assert (length >= 1).all()
