//! A JSON document that is checked, a value that is kept: bench-goose --host URL --users N ...
use goose::prelude::*;

#[derive(Clone)]
struct Kept {
    _id: i64,
}

async fn get(user: &mut GooseUser) -> TransactionResult {
    let mut goose = user.get("/").await?;
    let Ok(response) = goose.response else {
        return Ok(()); // counted as a failure by Goose itself
    };
    if response.status() != 200 {
        return user.set_failure("status == 200", &mut goose.request, None, None);
    }
    let body = response.bytes().await.unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if document["status"] != "open" {
        return user.set_failure("json('/status') == 'open'", &mut goose.request, None, None);
    }
    user.set_session_data(Kept {
        _id: document["id"].as_i64().unwrap_or_default(),
    });
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    GooseAttack::initialize()?
        .register_scenario(scenario!("Bench").register_transaction(transaction!(get)))
        .execute()
        .await?;
    Ok(())
}
