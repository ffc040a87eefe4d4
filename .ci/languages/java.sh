#!/usr/bin/env bash
# Java: builds the jar, compiles KareMatch against it in a clean folder, and synthesizes it: java.sh FOLDER
source "$(dirname "$0")/common.sh" "$1"

# A Maven repository of its own, with the lowest versions that the package allows.
repository="$work/m2"
export MAVEN_OPTS="${MAVEN_OPTS:-} -XX:+TieredCompilation -XX:TieredStopAtLevel=1"
maven() { mvn -q -B -ntp -Dmaven.repo.local="$repository" "$@"; }
# fetch GROUP ARTIFACT VERSION: downloads a dependency, so that a version range finds it in the repository.
fetch() {
  local folder="$repository/${1//.//}/$2"
  maven org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get -Dartifact="$1:$2:$3" -Dtransitive=false &&
    printf '%s' "<metadata><groupId>$1</groupId><artifactId>$2</artifactId><versioning><versions>" \
      "<version>$3</version></versions></versioning></metadata>" >"$folder/maven-metadata-local.xml"
}
dependencies() {
  fetch software.amazon.awscdk aws-cdk-lib "$AWS_CDK_LIB" &&
    fetch io.github.cdklabs cdknag "$CDK_NAG" &&
    fetch software.constructs constructs "$CONSTRUCTS"
}
phase 'Java: dependencies' dependencies

release=$(release_folder java)
phase 'Java: package' env -C "$release" npx jsii-pacmak -v --target java --maven-local-repository="$repository"
jar=$(find "$release/dist/java" -name 'cdk-hipaa-*.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar')
# The jar contains the classes, the tarball and the names that jsii reads, and nothing else.
unwanted=$(unzip -Z1 "$jar" | grep -vE '/$|^META-INF/' |
  grep -vE '^io/github/cdkhipaa/([A-Za-z0-9$_]+\.class|\$Module\.txt|cdk-hipaa@.*\.jsii\.tgz|package-info\.class)$' || true)
if [ -n "$unwanted" ]; then
  printf 'The jar contains other files:\n%s\n' "$unwanted"
  exit 1
fi
check_tarball_in "$jar"

# The README is the page of the package in its documentation, with Java and links that work on other sites.
readme="$work/java-readme.html"
unzip -p "${jar%.jar}-javadoc.jar" io/github/cdkhipaa/package-summary.html >"$readme"
if ! grep -q 'import software.amazon.awscdk' "$readme" ||
  ! grep -q 'href="https://[^"]*/docs/README.md"' "$readme"; then
  echo 'The documentation of the jar lacks the README in Java, or its links.'
  exit 1
fi

# Maven Central would contain the published files. They have the same layout as a local repository.
cp -r "$release/dist/java/." "$repository/"
app=$(app_folder java)
version=$(node -p "require('$release/package.json').version")
mkdir -p "$app/src/test/java/com/karematch"
cp "$top/test/languages/java/Interfaces.java" "$app/src/test/java/com/karematch/"
node "$top/.ci/languages/api-calls.js" java "$app/src/test/java/com/karematch/ApiCalls.java"
run() { cd "$app" && maven -Dcdk-hipaa.version="$version" exec:java "$@"; }
compile() { cd "$app" && maven -Dcdk-hipaa.version="$version" test-compile; }
phase 'Java: compile KareMatch and every call of the API' compile
CDK_OUTDIR="$work/java.out" phase 'Java: KareMatch' run
same_templates "$work/java.out"
phase 'Java: implemented interfaces' run -Dexec.classpathScope=test -Dexec.mainClass=com.karematch.Interfaces
phase 'translate the snippets' translate_snippets
classpath=$(cd "$repository" &&
  find "$PWD"/{com/fasterxml,io/github,javax/annotation,org/jetbrains,software} -name '*.jar' | tr '\n' ':')
check_snippets java node "$top/.ci/languages/compile-snippets.js" "$work/snippets" "$classpath"
