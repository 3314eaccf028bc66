//! x
/// x
pub struct VerifyReport;
/// x
pub fn verify(){}
