package com.karematch;

import io.github.cdkhipaa.DataProtection;
import io.github.cdkhipaa.HardenedRepository;
import software.amazon.awscdk.Stack;
import software.constructs.Construct;

/** The repository of the API. Deploy it and push the image before the stack that runs the image. */
final class ImagesStack extends Stack {
  private final HardenedRepository backend;

  ImagesStack(Construct scope, String id, Settings settings) {
    super(scope, id, settings.stackProps());
    if (settings.disposable() != null) {
      DataProtection.of(this).disposable(settings.disposable());
    }

    this.backend = new HardenedRepository(this, "Backend");
  }

  HardenedRepository getBackend() {
    return this.backend;
  }
}
