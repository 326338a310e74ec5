//! Series of figures over time: the statistics that say what is trend and what is chance.

pub mod stats;
