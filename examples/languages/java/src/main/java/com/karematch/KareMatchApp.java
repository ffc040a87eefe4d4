package com.karematch;

import io.github.cdkhipaa.ComplianceCheckOptions;
import io.github.cdkhipaa.ComplianceChecks;
import io.github.cdkhipaa.RulePack;
import java.util.List;
import software.amazon.awscdk.App;

/** KareMatch in production and in development. */
public final class KareMatchApp {
  public static void main(String[] args) {
    App app = new App();
    ComplianceChecks.of(app).enforce(ComplianceCheckOptions.builder()
        .additionalPacks(List.of(RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5))
        .build());

    deploy(app, "KareMatch", Settings.PRODUCTION);
    deploy(app, "KareMatchDevelopment", Settings.DEVELOPMENT);

    app.synth();
  }

  private static void deploy(App app, String name, Settings settings) {
    ImagesStack images = new ImagesStack(app, name + "Images", settings);
    new KareMatchStack(app, name, settings, images.getBackend().image("1.0.0"));
  }

  private KareMatchApp() {}
}
