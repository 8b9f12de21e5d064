"""Distances on the WGS84 ellipsoid."""

from __future__ import annotations

import numpy as np

from allocate.units import Floats

MAJOR, FLATTENING = 6378137.0, 1 / 298.257223563  # metres
METRES_A_MILE = 1609.344
TURNS, STILL = 200, 1e-13  # of the iteration: at most, and what a last change is below


def miles(latitude: Floats, longitude: Floats) -> Floats:
    """Measure how far places are apart along the ellipsoid.

    Vincenty's inverse formula (T. Vincenty, Survey Review 23, 1975), right to less than a
    millimetre but for places on opposite sides of the earth.

    Parameters
    ----------
    latitude, longitude
        Degrees, (n,).

    Returns
    -------
    NDArray
        Miles, (n, n).
    """
    minor = (1 - FLATTENING) * MAJOR
    reduced = np.arctan((1 - FLATTENING) * np.tan(np.radians(latitude)))
    s1, c1 = np.sin(reduced)[:, None], np.cos(reduced)[:, None]
    s2, c2 = s1.T, c1.T
    apart = np.radians(longitude[None, :] - longitude[:, None])
    turned = apart
    for _ in range(TURNS):
        sine, cosine = np.sin(turned), np.cos(turned)
        arc_sine = np.hypot(c2 * sine, c1 * s2 - s1 * c2 * cosine)
        arc_cosine = s1 * s2 + c1 * c2 * cosine
        arc = np.arctan2(arc_sine, arc_cosine)
        safe = np.where(arc_sine == 0, 1.0, arc_sine)
        azimuth = np.where(arc_sine == 0, 0.0, c1 * c2 * sine / safe)
        square = 1 - azimuth**2
        middle = np.where(
            square == 0, 0.0, arc_cosine - 2 * s1 * s2 / np.where(square == 0, 1.0, square)
        )
        c = FLATTENING / 16 * square * (4 + FLATTENING * (4 - 3 * square))
        within = middle + c * arc_cosine * (2 * middle**2 - 1)
        before = turned
        turned = apart + (1 - c) * FLATTENING * azimuth * (arc + c * arc_sine * within)
        if np.abs(turned - before).max(initial=0.0) < STILL:
            break
    u = square * (MAJOR**2 - minor**2) / minor**2
    a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    outer = b / 6 * middle * (4 * arc_sine**2 - 3) * (4 * middle**2 - 3)
    inner = middle + b / 4 * (arc_cosine * (2 * middle**2 - 1) - outer)
    return minor * a * (arc - b * arc_sine * inner) / METRES_A_MILE
