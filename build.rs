//! Compiles `proto/` without `protoc`, and keeps the descriptors for reflection.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors =
        protox::compile(["ombud/v1/moderation.proto", "ombud/v1/policy.proto", "ombud/v1/review.proto"], ["proto"])?;
    fs::write(out.join("ombud.fds.bin"), protox::prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().compile_well_known_types(false).compile_fds(descriptors)?;
    Ok(())
}
