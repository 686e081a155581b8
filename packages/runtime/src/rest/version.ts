// What GET / says. Clients read `version` to know which endpoints there are, so it is the reference's whose API this is.

/** Version of Kafka Connect whose REST API is served here. */
export const COMPATIBLE_VERSION = '4.3.1'
/** In the place of the reference's commit: who really answers. */
export const COMMIT = 'millrace-0.1.0'
