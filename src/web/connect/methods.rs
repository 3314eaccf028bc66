//! The methods that there are, by their paths, from the descriptors.

use prost_reflect::{DescriptorError, DescriptorPool, MethodDescriptor};

/// What is known of the services.
#[derive(Clone)]
pub(crate) struct Methods {
    pool: DescriptorPool,
}

/// What a path leads to.
pub(super) enum Found {
    /// A method.
    Method(MethodDescriptor),
    /// A service that there is, and no method of it.
    Service(String),
    /// Nothing.
    Nothing,
}

impl Methods {
    /// Reads sets of descriptors.
    pub(super) fn read(descriptors: &[&[u8]]) -> Result<Self, DescriptorError> {
        let mut pool = DescriptorPool::global();
        for set in descriptors {
            pool.decode_file_descriptor_set(*set)?;
        }
        Ok(Self { pool })
    }

    /// Returns all methods, in the order of the descriptors.
    pub(crate) fn all(&self) -> impl Iterator<Item = MethodDescriptor> {
        let services: Vec<_> = self.pool.services().collect();
        services.into_iter().flat_map(|service| service.methods().collect::<Vec<_>>())
    }

    /// Finds out what a path leads to.
    pub(super) fn find(&self, path: &str) -> Found {
        let Some((service, method)) = path.strip_prefix('/').and_then(|path| path.split_once('/')) else {
            return Found::Nothing;
        };
        let Some(service) = self.pool.get_service_by_name(service) else { return Found::Nothing };
        let found = service.methods().find(|known| known.name() == method);
        found.map_or_else(|| Found::Service(service.full_name().to_owned()), Found::Method)
    }
}

/// Returns whether a method takes or gives more than one message.
pub(crate) fn streams(method: &MethodDescriptor) -> bool {
    method.is_client_streaming() || method.is_server_streaming()
}
