//! What a deploy costs at Amazon's list prices for us-east-1: a writing request to S3 Standard, and a path of an
//! invalidation, of which the first 1,000 a month are free. Deletions are free, storage and what readers fetch are asked
//! for by the month.
//!
//! <https://aws.amazon.com/s3/pricing/>,
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html>

/// In millionths of a dollar.
const REQUEST: u64 = 5;

/// Free paths a month, of all distributions of an account together.
pub const FREE_PATHS: u64 = 1000;

/// Dollars for each more.
pub const PATH: &str = "$0.005";

/// What so many writing requests cost, in words.
pub fn of_requests(requests: u64) -> String {
    let cents = requests.saturating_mul(REQUEST).div_ceil(10_000);
    match cents {
        0 => "nothing".to_owned(),
        1 => "at most $0.01".to_owned(),
        _ => format!("about ${}.{:02}", cents / 100, cents % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_requests_cost_five_dollars() {
        assert_eq!(
            [0, 1, 2001, 1_000_000].map(of_requests),
            ["nothing", "at most $0.01", "about $0.02", "about $5.00"]
        );
    }
}
