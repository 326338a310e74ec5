//! Statistics of trends beside those of `scipy`, `statsmodels`, `pymannkendall` and `pyhomogeneity`.
#![expect(clippy::disallowed_methods, reason = "a test reads its size from the environment")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tongban::trend::stats::{
    Confidence, Cycle, DampedTrend, InitialState, MannKendall, Smoothed, Spread, Unsupported,
    Weights, decompose, erfc, fit_damped_trend, hamed_rao, mann_kendall, normal_quantile, pettitt,
    robust_outliers, seasonal_mann_kendall, seasonal_means, seasonal_slope, smooth, theil_sen,
};

use crate::support::{python, read, root};
use crate::trend_series::{Made, NILE, known, made};

/// Made-up series; `make trends` has 3,000.
const N_SERIES: usize = 240;
/// Of so many one is fitted by statsmodels as well, which takes half a second.
const FITTED: usize = 3;
/// Relative difference at which two figures are not the same, and share of the size of the values
/// that rounding may take beside it.
const TOLERANCE: f64 = 1e-9;
const ROUNDING: f64 = 1e-13;
/// By how much a fit may have a larger sum of squared errors: little, because a search that ends in
/// the wrong valley is often only slightly worse.
const WORSE: f64 = 1.000_01;
/// Steps of forecasts.
const N_STEPS: usize = 18;

/// Compares the statistics of one series.
struct Comparison<'a> {
    made: &'a Made,
    reference: &'a Value,
    /// What rounding may take from a figure in the unit of the values.
    slack: f64,
    faults: Vec<String>,
    /// How often each statistic was given.
    given: BTreeMap<&'static str, usize>,
}

impl<'a> Comparison<'a> {
    fn new(made: &'a Made, reference: &'a Value) -> Self {
        let size = made.values.iter().flatten().fold(0.0_f64, |size, value| size.max(value.abs()));
        let (faults, given) = (Vec::new(), BTreeMap::new());
        Self { made, reference, slack: ROUNDING * size, faults, given }
    }

    fn fault(&mut self, what: &str) {
        self.faults.push(format!("{}: {what}", self.made.name));
    }

    /// Notes what is not the same; `slack` is an absolute difference that is allowed beside the
    /// relative one.
    fn same(&mut self, what: &str, found: f64, expected: &Value, slack: f64) {
        let is_same = expected
            .as_f64()
            .is_some_and(|expected| (found - expected).abs() <= TOLERANCE * expected.abs() + slack);
        if !is_same {
            self.fault(&format!("{what} is {found}, not {expected}"));
        }
    }

    /// The same of lists, in which a gap is null.
    fn same_list(&mut self, what: &str, found: &[Option<f64>], expected: &Value, slack: f64) {
        let expected = expected.as_array().cloned().unwrap_or_default();
        if found.len() != expected.len() {
            self.fault(&format!("{what} has {} entries, not {}", found.len(), expected.len()));
        }
        for (position, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let what = format!("{what} at {position}");
            match found {
                Some(found) => self.same(&what, *found, expected, slack),
                None if expected.is_null() => {}
                None => self.fault(&format!("{what} is not given, but {expected}")),
            }
        }
    }

    /// Takes a statistic that is given; of one that is not, notes a reason that is none.
    fn take<T>(&mut self, statistic: &'static str, found: Result<T, Unsupported>) -> Option<T> {
        match found {
            Ok(found) => {
                *self.given.entry(statistic).or_default() += 1;
                Some(found)
            }
            Err(reason) => {
                if !self.is_reason(statistic, reason) {
                    self.fault(&format!("{statistic} is not given: {reason:?}"));
                }
                None
            }
        }
    }

    fn is_reason(&self, statistic: &str, reason: Unsupported) -> bool {
        let values = &self.made.values;
        let of_season = |season_idx: usize| {
            values.iter().skip(season_idx).step_by(self.made.cycle).flatten().count()
        };
        let is_zero = |figure: &Value| figure.as_f64().is_some_and(|figure| figure == 0.0);
        match reason {
            Unsupported::TooShort { n_needed, n_values } => {
                n_values < n_needed && n_values == values.iter().flatten().count()
            }
            Unsupported::SeasonTooShort { season_idx, n_needed, n_values } => {
                n_values < n_needed && n_values == of_season(season_idx)
            }
            Unsupported::TooFewPairs { n_needed, n_pairs } => {
                let pairs = (0..self.made.cycle).map(of_season);
                let expected: usize = pairs.map(|n| n * n.saturating_sub(1) / 2).sum();
                n_pairs < n_needed && n_pairs == expected
            }
            Unsupported::Gaps { n_gaps } => {
                n_gaps > 0 && n_gaps == values.iter().filter(|value| value.is_none()).count()
            }
            Unsupported::AllEqual if statistic.starts_with("seasonal") => {
                is_zero(&self.reference["seasonal"]["test"]["variance"])
            }
            Unsupported::AllEqual => is_zero(&self.reference["mann_kendall"]["variance"]),
            Unsupported::OnLine => {
                let spread = self.reference["hamed_rao"]["spread"].as_f64().unwrap();
                spread <= 10.0 * self.slack
            }
            Unsupported::ConfidenceTooHigh => {
                self.reference["theil_sen"]["is_cut"] == Value::Bool(true)
            }
            Unsupported::VarianceNotPositive => {
                self.reference["hamed_rao"]["variance"].as_f64().unwrap() <= 0.0
            }
            Unsupported::NotFinite { .. } => false,
        }
    }

    fn test(&mut self, name: &str, found: MannKendall, expected: &Value) {
        #[expect(clippy::cast_precision_loss, reason = "pairs of a series are far below 2^53")]
        let s = found.s as f64;
        self.same(&format!("S of {name}"), s, &expected["s"], 0.0);
        self.same(&format!("variance of {name}"), found.variance, &expected["variance"], 0.0);
        self.same(&format!("z of {name}"), found.z, &expected["z"], 1e-15);
        self.same(&format!("tau of {name}"), found.tau, &expected["tau"], 0.0);
        self.same(&format!("p of {name}"), found.p, &expected["p"], TOLERANCE);
        self.same(&format!("tail of {name}"), found.p, &expected["p_by_tail"], 1e-300);
    }

    fn slopes_and_tests(&mut self) {
        let (made, reference, slack) = (self.made, self.reference, self.slack);
        let (values, cycle) = (&made.values, Cycle::new(made.cycle).unwrap());
        let confidence = Confidence::new(made.confidence).unwrap();
        if let Some(found) = self.take("theil_sen", theil_sen(values, confidence)) {
            let expected = &reference["theil_sen"];
            self.same("slope", found.slope, &expected["slope"], slack);
            self.same("low slope", found.low, &expected["low"], slack);
            self.same("high slope", found.high, &expected["high"], slack);
            self.same("intercept", found.intercept, &expected["intercept"], slack);
            if expected["is_cut"] == Value::Bool(true) {
                self.fault("an interval of slopes ends where the slopes end");
            }
        }
        if let Some(found) = self.take("seasonal_slope", seasonal_slope(values, cycle)) {
            let expected = &reference["seasonal"];
            self.same("slope of seasons", found.slope, &expected["slope"], slack);
            self.same("intercept of seasons", found.intercept, &expected["intercept"], slack);
        }
        if let Some(found) = self.take("mann_kendall", mann_kendall(values)) {
            self.test("Mann and Kendall", found, &reference["mann_kendall"]);
        }
        let seasonal = seasonal_mann_kendall(values, cycle);
        if let Some(found) = self.take("seasonal_mann_kendall", seasonal) {
            self.test("seasons", found, &reference["seasonal"]["test"]);
        }
        if let Some(found) = self.take("hamed_rao", hamed_rao(values)) {
            self.test("Hamed and Rao", found.test, &reference["hamed_rao"]);
        }
        if let Some(found) = self.take("pettitt", pettitt(values)) {
            let expected = &reference["pettitt"];
            let last_before = expected["last_before"].as_u64();
            if last_before != u64::try_from(found.last_before).ok() {
                self.fault(&format!("change behind {}, not {last_before:?}", found.last_before));
            }
            self.same("K", found.k, &expected["k"], 0.0);
            self.same("p of Pettitt", found.p, &expected["p"], 0.0);
            self.same("mean before", found.mean_before, &expected["mean_before"], slack);
            self.same("mean after", found.mean_after, &expected["mean_after"], slack);
        }
    }

    fn levels_and_seasons(&mut self) {
        let (made, reference, slack) = (self.made, self.reference, self.slack);
        let (values, cycle) = (&made.values, Cycle::new(made.cycle).unwrap());
        if let Some(found) = self.take("outliers", robust_outliers(values)) {
            let expected = &reference["outliers"];
            let is_zero = expected["mad"].as_f64().is_some_and(|mad| mad == 0.0);
            let (scale, scores) = match found.spread {
                Spread::Median => ("mad", "scores"),
                Spread::Mean => ("mean_deviation", "mean_scores"),
            };
            if is_zero != (found.spread == Spread::Mean) {
                self.fault("the spread is of the wrong kind");
            }
            self.same("median", found.median, &expected["median"], slack);
            self.same("scale", found.scale, &expected[scale], slack);
            self.same_list("score", &found.scores, &expected[scores], slack / found.scale);
        }
        if let Some(found) = self.take("seasonal_means", seasonal_means(values, cycle)) {
            let means: Vec<_> = found.iter().map(|season| Some(season.mean)).collect();
            self.same_list("mean of season", &means, &reference["seasonal"]["means"], slack);
        }
        if let Some(found) = self.take("decompose", decompose(values, cycle)) {
            let expected = &reference["decomposition"];
            let seasons: Vec<_> = found.seasons.iter().copied().map(Some).collect();
            self.same_list("trend", &found.trend, &expected["trend"], slack);
            self.same_list("season", &seasons, &expected["seasons"], slack);
            self.same_list("rest", &found.rest, &expected["rest"], slack);
        }
    }

    fn model(&mut self, found: &Smoothed, expected: &Value) {
        let slack = 10.0 * self.slack;
        let steps: Vec<_> = found.expected.iter().copied().map(Some).collect();
        self.same_list("expected", &steps, &expected["expected"], slack);
        self.same_list("expected by Holt", &steps, &expected["holt_expected"], slack);
        let root = |sum: &Value| json!(sum.as_f64().map(f64::sqrt));
        self.same("root of SSE", found.sse.sqrt(), &root(&expected["sse"]), slack);
        self.same("root of SSE by Holt", found.sse.sqrt(), &root(&expected["holt_sse"]), slack);
        self.same("level", found.level, &expected["level"], slack);
        self.same("trend", found.trend, &expected["trend"], slack);
        let confidence = Confidence::new(self.made.confidence).unwrap();
        let ahead = found.forecast(N_STEPS, confidence);
        let column = |of: fn(&tongban::trend::stats::Forecast) -> f64| -> Vec<Option<f64>> {
            ahead.iter().map(|forecast| Some(of(forecast))).collect()
        };
        // The library divides by all values even where it estimated numbers from them.
        let n_values = found.expected.len();
        let [all, free] = [n_values, n_values - found.n_estimated]
            .map(|count| f64::from(u16::try_from(count).unwrap()));
        let narrower = (free / all).sqrt();
        let means = column(|forecast| forecast.mean);
        self.same_list("forecast", &means, &expected["mean"], slack);
        self.same_list("forecast by Holt", &means, &expected["holt_mean"], slack);
        let of = |parts: Vec<Option<f64>>| -> Vec<Option<f64>> {
            parts.iter().map(|part| part.map(|part| part * narrower)).collect()
        };
        let deviations = of(column(|forecast| forecast.deviation));
        self.same_list("deviation", &deviations, &expected["deviation"], slack);
        let reach = of(column(|forecast| forecast.high - forecast.mean));
        let high: Vec<_> = means.iter().zip(&reach).map(|(x, y)| Some((*x)? + (*y)?)).collect();
        self.same_list("high", &high, &expected["high"], slack);
        let reach = of(column(|forecast| forecast.mean - forecast.low));
        let low: Vec<_> = means.iter().zip(&reach).map(|(x, y)| Some((*x)? - (*y)?)).collect();
        self.same_list("low", &low, &expected["low"], slack);
    }

    fn models(&mut self, given: DampedTrend) {
        let (made, reference) = (self.made, self.reference);
        if let Some(found) = self.take("smooth", smooth(&made.values, given)) {
            self.model(&found, &reference["models"][0]);
        }
        let Some(found) = self.take("fit_damped_trend", fit_damped_trend(&made.values)) else {
            return;
        };
        self.model(&found, &reference["models"][1]);
        if let Some(best) = reference["best_sse"].as_f64() {
            *self.given.entry("best_sse").or_default() += 1;
            let values = || made.values.iter().flatten();
            let low = values().copied().fold(f64::INFINITY, f64::min);
            let high = values().copied().fold(f64::NEG_INFINITY, f64::max);
            // Where a model meets every value both sums are rounding.
            let nothing = 1e-12 * (high - low).powi(2);
            if found.sse > best * WORSE + nothing {
                self.fault(&format!("a fit leaves {}, another {best}", found.sse));
            }
        }
    }
}

fn given_model(made: &Made) -> DampedTrend {
    let (alpha, beta, phi) = made.weights;
    let (level, trend) = made.initial;
    let weights = Weights::new(alpha, beta, phi).unwrap();
    DampedTrend { weights, initial: InitialState { level, trend } }
}

/// What the script is asked about a series.
fn request(number: usize, made: &Made) -> Value {
    let fitted = fit_damped_trend(&made.values).ok().map(|fitted| fitted.model);
    // A single value has no errors of which a library could make a variance.
    let given = (made.values.len() > 1).then(|| given_model(made));
    let models: Vec<Value> = [given, fitted]
        .into_iter()
        .flatten()
        .map(|DampedTrend { weights, initial }| {
            json!({
                "alpha": weights.alpha(), "beta": weights.beta(), "phi": weights.phi(),
                "level": initial.level, "trend": initial.trend,
            })
        })
        .collect();
    json!({
        "values": made.values, "cycle": made.cycle,
        "confidence": made.confidence, "models": models, "n_steps": N_STEPS,
        "is_fitted": number.is_multiple_of(FITTED),
    })
}

/// Has the script compute what the libraries say.
fn reference(python: &Path, request: &[Value]) -> Value {
    let mut command = Command::new(python);
    command.arg(root().join("tests/python/trend_reference.py"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The script reads all of it before it writes anything.
    child.stdin.take().unwrap().write_all(Value::from(request).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether the libraries are those that the requirements name.
fn check_versions(versions: &Value) {
    let pins = read(&root().join("tests/python/requirements.txt"));
    for (package, version) in versions.as_object().unwrap() {
        let pin = format!("{package}=={}", version.as_str().unwrap());
        assert!(pins.lines().any(|line| line == pin), "{pin} is not required");
    }
}

/// Tails and quantiles of the normal distribution, to more digits than the statistics need.
fn check_normal(reference: &Value) {
    let rows = |name: &str| reference[name].as_array().unwrap().clone();
    for row in rows("tails") {
        let (x, expected) = (row[0].as_f64().unwrap(), row[1].as_f64().unwrap());
        assert!((erfc(x) / expected - 1.0).abs() < 1e-12, "erfc({x}) is {}", erfc(x));
    }
    for row in rows("quantiles") {
        let (share, expected) = (row[0].as_f64().unwrap(), row[1].as_f64().unwrap());
        let found = normal_quantile(share).unwrap();
        assert!((found / expected - 1.0).abs() < 1e-12, "the quantile of {share} is {found}");
    }
}

#[test]
fn the_nile_falls_when_the_first_dam_was_built() {
    let volumes: Vec<Option<f64>> = NILE.iter().map(|volume| Some(f64::from(*volume))).collect();
    let change = pettitt(&volumes).unwrap();
    // Cobb (1978) and all who looked at it since have 1898 as the last year before.
    assert_eq!(1871 + change.last_before, 1898);
    assert!(change.p < 1e-6 && change.mean_before > change.mean_after + 200.0, "{change:?}");
}

#[test]
fn statistics_are_those_of_the_libraries_that_others_use() {
    let Some(python) = python("comparing statistics with SciPy and statsmodels") else { return };
    let n_series = std::env::var("TONGBAN_TREND_SERIES")
        .map_or(N_SERIES, |n_series| n_series.parse().unwrap());
    let series = [known(), made(n_series)].concat();
    let requests: Vec<Value> =
        series.iter().enumerate().map(|(number, made)| request(number, made)).collect();
    let reference = reference(&python, &requests);
    check_versions(&reference["versions"]);
    check_normal(&reference);

    let mut faults = Vec::new();
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    for (made, reference) in series.iter().zip(reference["series"].as_array().unwrap()) {
        let mut comparison = Comparison::new(made, reference);
        comparison.slopes_and_tests();
        comparison.levels_and_seasons();
        comparison.models(given_model(made));
        faults.extend(comparison.faults);
        for (statistic, count) in comparison.given {
            *given.entry(statistic).or_default() += count;
        }
    }
    eprintln!("{}: {given:?} of {} series", reference["versions"], series.len());
    let shown = faults[..faults.len().min(30)].join("\n");
    assert!(faults.is_empty(), "{} differences\n{shown}", faults.len());
    // A statistic that is hardly ever given is hardly ever compared.
    for (statistic, count) in given {
        let n_least = series.len() / if statistic == "best_sse" { 12 } else { 4 };
        assert!(count >= n_least, "{statistic} was given {count} times");
    }
}
