//! Series for statistics: two that textbooks use, and made-up ones with everything that is awkward.

use crate::laws::chance::Chance;

/// A series and what is asked about it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// What it is, for messages.
    pub(crate) name: String,
    pub(crate) values: Vec<Option<f64>>,
    /// Entries of a year.
    pub(crate) cycle: usize,
    /// Share of intervals.
    pub(crate) confidence: f64,
    /// α, β and φ of a given model.
    pub(crate) weights: (f64, f64, f64),
    /// Level and trend of a given model.
    pub(crate) initial: (f64, f64),
}

/// Volume of the Nile at Aswan, 10⁸ m³ a year, 1871 to 1970 (Cobb 1978).
pub(crate) const NILE: [u16; 100] = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676,
    649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923,
    975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];
/// Passengers of international flights, thousands a month, 1949 to 1952 (Box and Jenkins 1970).
const PASSENGERS: [u16; 48] = [
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170,
    170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180,
    193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
];

/// What a made-up series does.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Noise,
    Trend,
    Step,
    Seasons,
    SmallCounts,
    Stretches,
    SlowWalk,
    WearsOff,
    FarValues,
    MostlyOneValue,
    Flat,
    Line,
}

const KINDS: [Kind; 12] = [
    Kind::Noise,
    Kind::Trend,
    Kind::Step,
    Kind::Seasons,
    Kind::SmallCounts,
    Kind::Stretches,
    Kind::SlowWalk,
    Kind::WearsOff,
    Kind::FarValues,
    Kind::MostlyOneValue,
    Kind::Flat,
    Kind::Line,
];

/// Returns the series of textbooks.
pub(crate) fn known() -> Vec<Made> {
    let made = |name: &str, values: &[u16], cycle: usize| Made {
        name: name.to_owned(),
        values: values.iter().map(|value| Some(f64::from(*value))).collect(),
        cycle,
        confidence: 0.95,
        weights: (0.4, 0.1, 0.9),
        initial: (f64::from(values[0]), 1.0),
    };
    vec![made("Nile", &NILE, 10), made("passengers", &PASSENGERS, 12)]
}

/// Returns so many series that chance makes, the same each time.
pub(crate) fn made(n_series: usize) -> Vec<Made> {
    (0..n_series).map(made_one).collect()
}

fn made_one(number: usize) -> Made {
    let mut chance = Chance::new(0x7472_656e_6473 + u64::try_from(number).unwrap());
    let kind = KINDS[number % KINDS.len()];
    let cycle = *chance.pick(&[2, 3, 4, 7, 12]);
    let n_entries = match chance.below(5) {
        0 => chance.between(0, 12),
        1 | 2 => chance.between(10, 40),
        _ => chance.between(30, 100),
    };
    let scale = 10.0_f64.powi(i32::try_from(chance.below(10)).unwrap() - 3);
    let offset = scale * f64::from(*chance.pick(&[0_u16, 0, 5, 40, 1000]));
    let mut values = shape(kind, (n_entries, cycle), &mut chance);
    if chance.in_hundred(30) {
        // Figures in one digit behind the point: ties.
        for value in &mut values {
            *value = (*value * 10.0).round() / 10.0;
        }
    }
    let mut values: Vec<Option<f64>> =
        values.into_iter().map(|value| Some(offset + scale * value)).collect();
    if chance.in_hundred(40) {
        let percent = *chance.pick(&[3, 10, 30]);
        for value in &mut values {
            *value = value.filter(|_| !chance.in_hundred(percent));
        }
    }
    let alpha = 0.02 + 0.96 * share(&mut chance);
    Made {
        name: format!("series {number}, {kind:?} of {n_entries}"),
        cycle,
        confidence: *chance.pick(&[0.8, 0.9, 0.95, 0.99]),
        weights: (alpha, alpha * share(&mut chance), 0.8 + 0.19 * share(&mut chance)),
        initial: (offset + scale * share(&mut chance), scale * (share(&mut chance) - 0.5)),
        values,
    }
}

/// A number from 0 to 1.
fn share(chance: &mut Chance) -> f64 {
    f64::from(u32::try_from(chance.next() >> 32).unwrap()) / f64::from(u32::MAX)
}

/// A number around 0 whose spread is about 1.
fn around(chance: &mut Chance) -> f64 {
    (share(chance) + share(chance) + share(chance) - 1.5) * 2.0
}

fn shape(kind: Kind, (n_entries, cycle): (usize, usize), chance: &mut Chance) -> Vec<f64> {
    let slope = around(chance) / 4.0;
    let (turn, phi) = (chance.below(n_entries), 0.8 + 0.18 * share(chance));
    let seasons: Vec<f64> = (0..cycle).map(|_| 3.0 * around(chance)).collect();
    let (mut last, mut trend) = (around(chance), 2.0 * around(chance));
    let mut next = |position: usize| {
        let at = f64::from(u16::try_from(position).unwrap());
        match kind {
            Kind::Noise => around(chance),
            Kind::Trend => slope * at + around(chance),
            Kind::Step => around(chance) + if position < turn { 0.0 } else { 3.0 },
            Kind::Seasons => slope * at + seasons[position % cycle] + around(chance),
            Kind::SmallCounts => f64::from(u8::try_from(chance.below(5)).unwrap()),
            Kind::Stretches => {
                last += if chance.in_hundred(25) { around(chance) } else { 0.0 };
                last
            }
            Kind::SlowWalk => {
                last = 0.9 * last + around(chance);
                last
            }
            Kind::WearsOff => {
                trend *= phi;
                last += trend;
                last + 0.3 * around(chance)
            }
            Kind::FarValues => around(chance) * if chance.in_hundred(8) { 30.0 } else { 1.0 },
            Kind::MostlyOneValue => {
                if chance.in_hundred(20) {
                    around(chance)
                } else {
                    1.5
                }
            }
            Kind::Flat => 2.5,
            Kind::Line => slope * at,
        }
    };
    (0..n_entries).map(&mut next).collect()
}
