"""Computes the statistics of trends with the libraries that others use, for comparison.

    python trend_reference.py < SERIES > STATISTICS

The caller computes the same with its own formulas and compares; this script only computes.

SERIES is a JSON list:

    {"values": [1.5, null, ...],                      a null is a gap
     "cycle": 12, "confidence": 0.95,
     "models": [{"alpha": ..., "beta": ..., "phi": ..., "level": ..., "trend": ...}, ...],
     "n_steps": 12, "is_fitted": true}

STATISTICS is {"versions": {package: version}, "series": [...]} in the same order. Of every series
there is what the libraries give, however short it is; what they do not give is null, and so is what
is no finite number. Positions count from 0. Models and fits are only for series without gaps.
"""

import json
import math
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import pyhomogeneity
import pymannkendall
from scipy import special, stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing, Holt
from statsmodels.tsa.seasonal import seasonal_decompose

PACKAGES = ["numpy", "pandas", "pyhomogeneity", "pymannkendall", "scipy", "statsmodels"]

# Weights (α, β/α, φ) from which fits of statsmodels start; the best of several counts.
STARTS = [(0.1, 0.1, 0.98), (0.9, 0.8, 0.9)]


def plain(value):
    """Returns a result as plain JSON; what is no finite number is null."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray, pd.Series)):
        return [plain(part) for part in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def theil_sen(present, at, confidence):
    """Returns slope, intercept and interval, and whether that was cut off at the last slopes."""
    n = len(present)
    if n < 2:
        return None
    found = stats.theilslopes(present, at, alpha=1 - confidence, method="separate")
    n_pairs = n * (n - 1) / 2
    _, sizes = np.unique(present, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - np.sum(sizes * (sizes - 1) * (2 * sizes + 5))) / 18
    reach = stats.norm.ppf(1 - (1 - confidence) / 2) * np.sqrt(variance)
    is_cut = round((n_pairs - reach) / 2) < 1 or round((n_pairs + reach) / 2) > n_pairs - 1
    return {
        "slope": found.slope,
        "intercept": found.intercept,
        "low": found.low_slope,
        "high": found.high_slope,
        "is_cut": is_cut,
    }


def mann_kendall(test):
    """Returns what a test of pymannkendall found, with a p that keeps its digits."""
    return {
        "s": test.s,
        "variance": test.var_s,
        "z": test.z,
        "p": test.p,
        "p_by_tail": 2 * stats.norm.sf(abs(test.z)),
        "tau": test.Tau,
    }


def hamed_rao(values):
    """Returns the corrected test, and how much is left of the series without its slope."""
    if len(values) < 4:
        return None
    slope = pymannkendall.sens_slope(values).slope
    rest = values - np.arange(1, len(values) + 1) * slope
    test = mann_kendall(pymannkendall.hamed_rao_modification_test(values))
    return {"spread": rest.max() - rest.min(), **test}


def pettitt(values):
    """Returns the change point with the closed approximation of its probability."""
    if np.count_nonzero(~np.isnan(values)) < 2:
        return None
    found = pyhomogeneity.pettitt_test(values, sim=0)
    return {
        "last_before": found.cp - 1,
        "k": found.U,
        "p": min(found.p, 1.0),
        "mean_before": found.avg.mu1,
        "mean_after": found.avg.mu2,
    }


def outliers(present, values):
    """Returns both spreads and the scores by each."""
    if len(present) == 0:
        return None
    middle = np.median(present)
    mad = stats.median_abs_deviation(present, scale="normal")
    mean_deviation = np.mean(np.abs(present - middle)) * np.sqrt(np.pi / 2)
    return {
        "median": middle,
        "mad": mad,
        "scores": (values - middle) / mad,
        "mean_deviation": mean_deviation,
        "mean_scores": (values - middle) / mean_deviation,
    }


def seasonal(values, cycle):
    """Returns the test and the slope by season, and the means of the seasons."""
    # A test without two values of the same season divides by zero.
    if all(np.count_nonzero(~np.isnan(values[season::cycle])) < 2 for season in range(cycle)):
        return None
    test = pymannkendall.seasonal_test(values, period=cycle)
    slope = pymannkendall.seasonal_sens_slope(values, period=cycle)
    return {
        "test": mann_kendall(test),
        "slope": slope.slope,
        "intercept": slope.intercept,
        "means": [np.nanmean(values[season::cycle]) for season in range(cycle)],
    }


def decomposition(values, cycle):
    """Returns the classical additive decomposition."""
    if len(values) < 2 * cycle:
        return None
    found = seasonal_decompose(values, model="additive", period=cycle)
    return {"trend": found.trend, "seasons": found.seasonal[:cycle], "rest": found.resid}


def smoothed(values, model, n_steps, confidence):
    """Returns a model with given numbers, by both implementations of statsmodels."""
    alpha, beta, phi = model["alpha"], model["beta"], model["phi"]
    known = {
        "initialization_method": "known",
        "initial_level": model["level"],
        "initial_trend": model["trend"],
    }
    # Intervals are only given for a series of pandas.
    ets = ETSModel(pd.Series(values), error="add", trend="add", damped_trend=True, **known)
    found = ets.smooth([alpha, beta, phi])
    ahead = found.get_prediction(start=len(values), end=len(values) + n_steps - 1)
    bounds = np.asarray(ahead.pred_int(alpha=1 - confidence))
    holt = Holt(values, damped_trend=True, **known).fit(
        smoothing_level=alpha, smoothing_trend=beta / alpha, damping_trend=phi, optimized=False
    )
    return {
        "expected": found.fittedvalues,
        "sse": np.sum(found.resid**2),
        "level": found.level.iloc[-1],
        "trend": found.slope.iloc[-1],
        "mean": ahead.predicted_mean,
        "deviation": np.sqrt(ahead.forecast_variance),
        "low": bounds[:, 0],
        "high": bounds[:, 1],
        "holt_expected": holt.fittedvalues,
        "holt_sse": holt.sse,
        "holt_mean": holt.forecast(n_steps),
    }


def best_sse(values):
    """Returns the least sum of squared errors that any fit of statsmodels reaches."""
    sums = []
    model = ETSModel(values, error="add", trend="add", damped_trend=True)
    for alpha, share, phi in STARTS:
        start = [alpha, alpha * share, phi, model.initial_level, model.initial_trend]
        found = model.fit(start_params=np.array(start), disp=False, return_params=True)
        errors = model.smooth(found).resid
        sums.append(np.sum(errors**2))
    bounds = {"smoothing_level": (1e-4, 1 - 1e-4), "damping_trend": (0.8, 0.98)}
    holt = ExponentialSmoothing(
        values, trend="add", damped_trend=True, initialization_method="estimated", bounds=bounds
    )
    sums.append(holt.fit().sse)
    return np.nanmin(sums)


def statistics(series):
    """Returns all statistics of one series."""
    values = np.array(series["values"], dtype=float)
    is_present = ~np.isnan(values)
    present, at = values[is_present], np.flatnonzero(is_present)
    cycle, confidence = series["cycle"], series["confidence"]
    n = len(present)
    found = {
        "theil_sen": theil_sen(present, at, confidence),
        "mann_kendall": mann_kendall(pymannkendall.original_test(values)) if n > 1 else None,
        "pettitt": pettitt(values),
        "outliers": outliers(present, values),
        "seasonal": seasonal(values, cycle),
    }
    if is_present.all():
        found["hamed_rao"] = hamed_rao(values)
        found["decomposition"] = decomposition(values, cycle)
        found["models"] = [
            smoothed(values, model, series["n_steps"], confidence) for model in series["models"]
        ]
        if series["is_fitted"] and n >= 10 and np.ptp(values) > 0:
            found["best_sse"] = best_sse(values)
    return plain(found)


def main():
    """Reads series from standard input and writes their statistics to standard output."""
    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    tails = [[x, special.erfc(x)] for x in np.linspace(-4, 26, 241)]
    shares = [10.0**-exponent for exponent in np.linspace(0.01, 300, 200)]
    quantiles = [[share, stats.norm.ppf(share)] for share in shares]
    answer = {
        "versions": {name: version(name) for name in PACKAGES},
        "tails": plain(tails),
        "quantiles": plain(quantiles),
        "series": [statistics(series) for series in request],
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
