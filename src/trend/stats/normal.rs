//! The normal distribution: its tails and quantiles, to machine precision.

use std::f64::consts::{PI, SQRT_2};

/// Where the series for the error function gives way to the continued fraction.
const SERIES_END: f64 = 2.0;
/// Terms of the continued fraction: at [`SERIES_END`] 90 change nothing more, beyond it fewer do.
const N_TERMS: u32 = 120;
/// Beyond it the complement is below the smallest number.
const LAST: f64 = 27.3;

/// Returns the complementary error function, 2/√π · ∫ exp(−t²) dt from `x` to infinity.
///
/// Below 2 it is 1 less the series erf x = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1))
/// (Abramowitz and Stegun 1964, 7.1.6), whose terms all have one sign; from 2 on the continued
/// fraction exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))) (7.1.14). The relative error is below
/// 1e-12 for every `x` whose result is a normal number.
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        2.0 - erfc(-x)
    } else if x < SERIES_END {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * f64::EPSILON / 8.0 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        1.0 - 2.0 / PI.sqrt() * (-x * x).exp() * sum
    } else if x < LAST {
        let fraction = (1..=N_TERMS).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
        exp_minus_square(x) / PI.sqrt() / fraction
    } else if x.is_nan() {
        x
    } else {
        0.0
    }
}

/// exp(−x²) of a number up to 27.3. The square of the first sixteenths is exact, which leaves a
/// small number where rounding would otherwise be multiplied by x² (Cody 1969).
fn exp_minus_square(x: f64) -> f64 {
    let coarse = (x * 16.0).trunc() / 16.0;
    (-coarse * coarse).exp() * (-(x - coarse) * (x + coarse)).exp()
}

/// Returns the probability that a standard normal number is as far from zero as `z`, or farther.
///
/// p = erfc(|z|/√2), not 2·(1 − Φ(|z|)), which has no digits left from |z| = 8 on.
pub fn two_sided_p(z: f64) -> f64 {
    erfc(z.abs() / SQRT_2)
}

/// Returns the number below which a standard normal number lies with probability `p`.
///
/// Starts from the rational approximation of Hastings (Abramowitz and Stegun 1964, 26.2.23, error
/// below 4.5e-4) and improves it with Halley's method on [`erfc`], whose error is cubed at each
/// step. `None` unless 0 < `p` < 1.
pub fn normal_quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let (tail, sign) = if p < 0.5 { (p, -1.0) } else { (1.0 - p, 1.0) };
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = t - above / below;
    for _ in 0..4 {
        let density = (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
        let step = (erfc(x / SQRT_2) / 2.0 - tail) / density;
        x += step / (1.0 - step * x / 2.0);
    }
    Some(sign * x)
}

/// How sure an interval is: the share of such intervals that hold the true value.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %.
    pub const P95: Self = Self(0.95);
    /// 80 %.
    pub const P80: Self = Self(0.80);

    /// Takes a share; `None` unless it lies between 0 and 1, both excluded.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share < 1.0).then_some(Self(share))
    }

    /// Returns the share, between 0 and 1.
    pub fn share(self) -> f64 {
        self.0
    }

    /// Returns how many standard deviations a normal interval reaches to both sides.
    pub fn z(self) -> f64 {
        // The lower tail keeps its digits where the share is close to 1.
        normal_quantile((1.0 - self.0) / 2.0).map_or(f64::INFINITY, |z| -z)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_close(found: f64, expected: f64) {
        let error = (found - expected).abs() / expected.abs();
        assert!(error < 1e-12, "{found} is not {expected}: off by {error:e}");
    }

    // Tables of Abramowitz and Stegun end at ten digits; these have 17, by mpmath with 50.
    #[test]
    fn tails_are_right_on_both_sides_of_where_the_formula_changes() {
        for (x, expected) in [
            (-3.0, 1.999_977_909_503_001_5),
            (-0.5, 1.520_499_877_813_046_5),
            (1e-8, 0.999_999_988_716_208_3),
            (0.1, 0.887_537_083_981_715),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (1.937_5, 0.006_143_193_604_786_8),
            (1.999, 0.004_698_443_348_629_487),
            (2.0, 0.004_677_734_981_047_266),
            (2.001, 0.004_657_109_281_475_35),
            (2.5, 0.000_406_952_017_444_958_9),
            (3.0, 2.209_049_699_858_544e-5),
            (5.0, 1.537_459_794_428_035e-12),
            (10.3, 4.594_761_853_099_226_5e-48),
            (20.0, 5.395_865_611_607_901e-176),
            (26.5, 2.210_907_664_263_734_3e-307),
        ] {
            check_close(erfc(x), expected);
        }
        assert_eq!((erfc(0.0), erfc(28.0)), (1.0, 0.0));
        assert_eq!((erfc(f64::INFINITY), erfc(f64::NEG_INFINITY)), (0.0, 2.0));
        assert!(erfc(f64::NAN).is_nan());
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, expected) in [
            (1e-300, -37.047_096_299_361_2),
            (1e-20, -9.262_340_089_798_407),
            (1e-06, -4.753_424_308_822_899),
            (0.025, -1.959_963_984_540_054_3),
            (0.3, -0.524_400_512_708_040_8),
            (0.45, -0.125_661_346_855_074_02),
            (0.6, 0.253_347_103_135_799_7),
            (0.975, 1.959_963_984_540_053_8),
            (0.999, 3.090_232_306_167_813),
        ] {
            check_close(normal_quantile(p).unwrap(), expected);
        }
        assert_eq!(normal_quantile(0.5).map(|x| x.abs() < 1e-16), Some(true));
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(normal_quantile(p), None);
        }
    }

    #[test]
    fn a_confidence_is_a_share() {
        check_close(Confidence::P95.z(), 1.959_963_984_540_054);
        check_close(Confidence::P80.z(), 1.281_551_565_544_600_4);
        for share in [0.0, 1.0, f64::NAN] {
            assert_eq!(Confidence::new(share), None);
        }
        assert_eq!(Confidence::new(0.9).map(Confidence::share), Some(0.9));
    }

    proptest! {
        #[test]
        fn tails_add_up_and_fall(x in -5.0..5.0_f64, step in 1e-6..1.0_f64) {
            prop_assert!((erfc(x) + erfc(-x) - 2.0).abs() < 1e-15);
            prop_assert!(erfc(x + step) < erfc(x));
        }

        #[test]
        fn a_quantile_has_its_probability(exponent in -300.0..-0.302_f64) {
            let p = 10.0_f64.powf(exponent);
            let x = normal_quantile(p).unwrap();
            prop_assert!((erfc(-x / SQRT_2) / 2.0 / p - 1.0).abs() < 1e-12);
        }
    }
}
