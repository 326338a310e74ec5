//! The columns that fields of every interface are brought to.

use crate::model::text_enum;
use crate::records::profile::Mask;

text_enum! {
    /// Into which tables the records of a dataset go.
    RecordKind {
        /// Services handled: `cases`.
        Cases = "cases",
        /// Services rated: `evaluations`.
        Evaluations = "evaluations",
        /// Returns that were made elsewhere: `returned`.
        Returns = "returns",
    }
}

text_enum! {
    /// What a record says about its case.
    RecordType {
        /// An application was made.
        Apply = "apply",
        /// It was accepted.
        Accept = "accept",
        /// A step was taken.
        Process = "process",
        /// It was finished.
        Result = "result",
        /// Its time limit was suspended.
        SpecialProcedure = "special_procedure",
        /// A document was handed in.
        Material = "material",
    }
}

text_enum! {
    /// A column of the lake that a field can be brought to. Not every kind of record has every one.
    RecordColumn {
        /// 办件编号.
        ProjectNo = "project_no",
        /// Code of the body that handled or accepted the case.
        OrgCode = "org_code",
        /// Its name, as sent.
        OrgName = "org_name",
        /// Code of the region.
        Region = "region",
        /// 基本编码.
        CatalogCode = "catalog_code",
        /// 实施编码.
        TaskCode = "task_code",
        /// 业务办理项编码.
        TaskHandleItem = "task_handle_item",
        /// Name of the item.
        TaskName = "task_name",
        /// Immediate, promised or other.
        CaseType = "case_type",
        /// How far the case, or the step, is.
        State = "state",
        /// Name of the step.
        StepName = "step_name",
        /// How the case was finished, as sent: the national codes are not known.
        ResultType = "result_type",
        /// 1 to 5, 5 is best.
        Satisfaction = "satisfaction",
        /// Who applied.
        ApplicantType = "applicant_type",
        /// Kind of the applicant's document.
        ApplicantCertType = "applicant_cert_type",
        /// Who rated.
        EvaluatorType = "evaluator_type",
        /// By which way the rating came.
        Channel = "channel",
        /// Tags of the rating, as sent.
        EvalDetail = "eval_detail",
        /// Characters of a free text that is not kept itself.
        TextLength = "text_length",
        /// Which rating of the case this is.
        AssessNumber = "assess_number",
        /// When the application was made.
        ApplyAt = "apply_at",
        /// When it was accepted.
        AcceptAt = "accept_at",
        /// By when it was promised to be finished.
        PromiseAt = "promise_at",
        /// When the step began.
        StartAt = "start_at",
        /// When the case, or the step, was finished.
        ResultAt = "result_at",
        /// When the sender pushed the record.
        ArrivedAt = "arrived_at",
        /// Insert, update or delete.
        Operation = "operation",
        /// Code of the sender.
        DataSource = "data_source",
        /// The sender's own batch.
        SourceBatch = "source_batch",
        /// Returns: the record that was returned, as its own dataset keys it.
        RecordKey = "record_key",
        /// Returns: from which table, as [`RecordType`].
        RecordType = "record_type",
        /// Returns: why, as sent. What looks like a number of a person has to be masked on the way, here
        /// and in the message.
        Rule = "rule",
        /// Returns: what was said about it.
        Message = "message",
        /// Returns: when.
        ReturnedOn = "returned_on",
    }
}

text_enum! {
    /// A column of pseudonyms; also the domain that keeps the pseudonyms of one column apart from
    /// those of another.
    PseudonymColumn {
        /// Name of the applicant.
        ApplicantName = "applicant_name",
        /// Number of the applicant's document.
        ApplicantCode = "applicant_code",
        /// Name of the contact or agent.
        ContactName = "contact_name",
        /// Number of the contact's document.
        ContactCode = "contact_code",
        /// Mobile number.
        ContactMobile = "contact_mobile",
        /// Postal address.
        Address = "address",
        /// Name of who rated.
        EvaluatorName = "evaluator_name",
        /// Number of the document of who rated.
        EvaluatorCode = "evaluator_code",
    }
}

/// What a value of a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnForm {
    /// Text as sent, normalised.
    Text,
    /// One of a closed list of words; fields need a declared meaning of their codes.
    Words(&'static [&'static str]),
    /// A whole number.
    Int,
    /// A point in time, or for `returned_on` its day.
    Time,
}

const CASES: &[RecordKind] = &[RecordKind::Cases];
const EVALUATIONS: &[RecordKind] = &[RecordKind::Evaluations];
const RETURNS: &[RecordKind] = &[RecordKind::Returns];
const RECORDS: &[RecordKind] = &[RecordKind::Cases, RecordKind::Evaluations];
const ALL: &[RecordKind] = RecordKind::ALL;

/// Who applied or rated. `legal_person` is for interfaces that say no more than that.
const APPLICANTS: &[&str] = &[
    "natural_person",
    "legal_person",
    "enterprise",
    "public_institution",
    "social_organisation",
    "unincorporated_enterprise",
    "administrative_organ",
    "other_organisation",
];

/// Kinds of documents; the numbers of `resident_id`, `uscc` and `org_code` have check digits.
const CERTIFICATES: &[&str] = &[
    "resident_id",
    "uscc",
    "org_code",
    "business_licence",
    "officer_id",
    "soldier_id",
    "passport",
    "taiwan_permit",
    "hk_macao_permit",
    "other",
];

impl RecordColumn {
    /// Returns the kinds of records that have it.
    pub fn kinds(self) -> &'static [RecordKind] {
        match self {
            Self::OrgCode
            | Self::OrgName
            | Self::DataSource
            | Self::SourceBatch
            | Self::ArrivedAt => ALL,
            Self::ProjectNo
            | Self::Region
            | Self::TaskCode
            | Self::TaskHandleItem
            | Self::TaskName
            | Self::CaseType
            | Self::State
            | Self::Satisfaction
            | Self::AcceptAt
            | Self::Operation => RECORDS,
            Self::CatalogCode
            | Self::StepName
            | Self::ResultType
            | Self::ApplicantType
            | Self::ApplicantCertType
            | Self::ApplyAt
            | Self::PromiseAt
            | Self::StartAt
            | Self::ResultAt => CASES,
            Self::EvaluatorType
            | Self::Channel
            | Self::EvalDetail
            | Self::TextLength
            | Self::AssessNumber => EVALUATIONS,
            Self::RecordKey | Self::RecordType | Self::Rule | Self::Message | Self::ReturnedOn => {
                RETURNS
            }
        }
    }

    /// Returns what its values are.
    pub fn form(self) -> ColumnForm {
        match self {
            Self::ApplyAt
            | Self::AcceptAt
            | Self::PromiseAt
            | Self::StartAt
            | Self::ResultAt
            | Self::ArrivedAt
            | Self::ReturnedOn => ColumnForm::Time,
            Self::Satisfaction | Self::TextLength | Self::AssessNumber => ColumnForm::Int,
            Self::CaseType => ColumnForm::Words(&["immediate", "promised", "other"]),
            // A step that is done is not a case that is finished.
            Self::State => ColumnForm::Words(&[
                "pending",
                "in_progress",
                "finished",
                "step_pending",
                "step_done",
            ]),
            Self::ApplicantType | Self::EvaluatorType => ColumnForm::Words(APPLICANTS),
            Self::ApplicantCertType => ColumnForm::Words(CERTIFICATES),
            Self::Channel => ColumnForm::Words(&[
                "pc",
                "mobile",
                "qr_code",
                "hall_tablet",
                "hall_terminal",
                "phone",
                "sms",
                "default",
            ]),
            Self::Operation => ColumnForm::Words(&["insert", "update", "delete"]),
            Self::RecordType => ColumnForm::Words(&[
                "apply",
                "accept",
                "process",
                "result",
                "special_procedure",
                "material",
            ]),
            _ => ColumnForm::Text,
        }
    }

    /// Whether it holds names and titles, in which anything may be written, and not codes or numbers.
    pub fn is_free_text(self) -> bool {
        matches!(self, Self::OrgName | Self::TaskName | Self::StepName | Self::ResultType)
    }

    /// Returns the words that it may hold; empty where it may hold anything.
    pub fn words(self) -> &'static [&'static str] {
        match self.form() {
            ColumnForm::Words(words) => words,
            _ => &[],
        }
    }
}

impl PseudonymColumn {
    /// Returns the kinds of records that have it.
    pub fn kinds(self) -> &'static [RecordKind] {
        match self {
            Self::ContactMobile => RECORDS,
            Self::EvaluatorName | Self::EvaluatorCode => EVALUATIONS,
            _ => CASES,
        }
    }

    /// Returns how a value of it is shown to people, where nothing else is said.
    pub fn mask(self) -> Mask {
        match self {
            Self::ApplicantName | Self::ContactName | Self::EvaluatorName => Mask::Name,
            Self::ApplicantCode | Self::ContactCode | Self::EvaluatorCode => Mask::Code,
            Self::ContactMobile => Mask::Phone,
            Self::Address => Mask::Address,
        }
    }
}
