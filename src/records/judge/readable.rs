//! What of a row can be read that is not a row as a whole: one cell shows an error, or a separator is
//! missing or too many.
//!
//! Where a separator is missing or too many, every field behind the place stands in a wrong column, and
//! nobody knows the place. A check digit does: as long as every field with one is right, reading from the
//! first column on, the fields up to the last of these stand where they should. What is behind it, and
//! everything in a row without such a field, is left alone.

use std::borrow::Cow;

use crate::records::judge::Judge;
use crate::records::judge::columns::Break;
use crate::records::judge::plan::FieldPlan;
use crate::records::judge::returned::fields_of;
use crate::records::judge::values::trimmed;
use crate::records::profile::Field;
use crate::source::rows::{Readable, RowBlock, RowFault};

impl Judge {
    /// Returns a block whose rows have the fields alone that stand where they should.
    pub(super) fn settled<'b>(&self, block: &'b RowBlock) -> Cow<'b, RowBlock> {
        let is_doubtful = |fault: &&RowFault| fault.readable == Readable::Doubtful;
        let mut doubtful = block.faults().iter().filter(is_doubtful).peekable();
        let mut settled = Cow::Borrowed(block);
        if doubtful.peek().is_none() {
            return settled;
        }
        let planned = self.in_order_of_columns();
        for fault in doubtful {
            let n_trusted = self.n_trusted(&planned, block, fault.row_idx);
            settled.to_mut().keep_first(fault.row_idx, n_trusted);
        }
        settled
    }

    /// Returns how the fields are read that the file has, in the order of its columns.
    fn in_order_of_columns(&self) -> Vec<(&FieldPlan, &Field)> {
        let fields = self.plans.iter().zip(&self.dataset.fields);
        let mut planned: Vec<_> =
            fields.filter_map(|(plan, field)| Some((plan.as_ref()?, field))).collect();
        planned.sort_by_key(|(plan, _)| plan.column);
        planned
    }

    /// Returns how many fields of a row stand where they should, from the first on.
    fn n_trusted(&self, planned: &[(&FieldPlan, &Field)], block: &RowBlock, row: usize) -> usize {
        let mut n_trusted = 0;
        let (mut scratch, mut broken) = (String::new(), Vec::new());
        for (plan, field) in planned {
            let given = trimmed(block.field(row, plan.column));
            if given.is_empty() {
                broken.extend(plan.rules.required);
            } else {
                let normal = plan.rules.normal(given, &mut scratch).text;
                plan.rules.broken(field, &self.regions, (given, normal), &mut broken);
            }
            if !broken.is_empty() {
                break;
            }
            if !given.is_empty() && plan.rules.has_checksum() {
                n_trusted = plan.column + 1;
            }
        }
        n_trusted
    }

    /// Whether what a rule says about a row is about fields that could be read.
    pub(super) fn is_readable(&self, block: &RowBlock, broken: Break) -> bool {
        let faults = block.faults_of(broken.row as usize);
        if faults.is_empty() {
            return true;
        }
        if faults.iter().any(|fault| fault.readable == Readable::First(0)) {
            return false;
        }
        let rule = &self.dataset.rules[usize::from(broken.rule)];
        fields_of(&rule.kind).iter().all(|field| is_readable(self.plans[*field].as_ref(), faults))
    }

    /// Whether all parts of the key of a row could be read.
    pub(super) fn is_key_readable(&self, faults: &[RowFault]) -> bool {
        self.dataset.key.iter().all(|field| is_readable(self.plans[*field].as_ref(), faults))
    }
}

/// Whether a field of a row could be read, or is none of the file.
fn is_readable(plan: Option<&FieldPlan>, faults: &[RowFault]) -> bool {
    plan.is_none_or(|plan| faults.iter().all(|fault| fault.readable.has(plan.column)))
}
