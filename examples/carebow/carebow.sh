#!/usr/bin/env bash
# Deploys and operates CareBow: see README.md and OPERATIONS.md.
#
#   ./carebow.sh deploy     the first deployment: repository, image, stack
#   ./carebow.sh update     a new image and the changes of the stack
#   ./carebow.sh scale 5    at least this number of tasks; 0 stops the API
#   ./carebow.sh migrate    runs the migrations now
#   ./carebow.sh logs       follows the log of the API; more arguments go to `aws logs tail`
#   ./carebow.sh destroy --confirm CareBow    deletes the stacks; the data remains
set -euo pipefail
cd "$(dirname "$0")"
export AWS_REGION=us-east-1
# The largest number of tasks in carebow-stack.ts.
MAX_TASKS=6

# Prints an output of the stack CareBow.
output() {
  aws cloudformation describe-stacks --stack-name CareBow \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}

# Builds and pushes an image with a new tag, and deploys the stack with it. Arguments go to `cdk deploy`.
release() {
  local version repository approval=broadening
  version=${VERSION:-$(git rev-parse --short HEAD 2>/dev/null || echo local)-$(date -u +%Y%m%d%H%M%S)}
  # A pipeline has no terminal for a question. Its reviewers approve the deployment.
  [ -z "${CI:-}" ] || approval=never
  npx cdk deploy CareBowImages --require-approval "$approval" --outputs-file cdk.out/images.json "$@"
  repository=$(node -p 'require("./cdk.out/images.json").CareBowImages.Repository')
  aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
  docker build --platform linux/amd64 --provenance=false -t "$repository:$version" api
  docker push "$repository:$version"
  npx cdk deploy CareBow --exclusively --require-approval "$approval" -c "version=$version" "$@"
}

scale() {
  local count=$1 most=$MAX_TASKS
  [[ $count =~ ^[0-9]+$ ]] || { echo "the number of tasks must be a whole number, got $count" >&2; exit 2; }
  if [ "$count" -eq 0 ] || [ "$count" -gt "$most" ]; then most=$count; fi
  # Without the new range, scaling would undo the new count.
  aws application-autoscaling register-scalable-target --service-namespace ecs \
    --scalable-dimension ecs:service:DesiredCount --resource-id "service/$(output ClusterName)/$(output ServiceName)" \
    --min-capacity "$count" --max-capacity "$most"
  aws ecs update-service --cluster "$(output ClusterName)" --service "$(output ServiceName)" --desired-count "$count" \
    --query service.desiredCount
}

destroy() {
  [ "$*" = '--confirm CareBow' ] || { echo 'to delete the stacks: ./carebow.sh destroy --confirm CareBow' >&2; exit 2; }
  aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$(output LoadBalancerArn)" \
    --attributes Key=deletion_protection.enabled,Value=false
  aws rds modify-db-instance --db-instance-identifier "$(output DatabaseIdentifier)" \
    --no-deletion-protection --apply-immediately
  for stack in CareBowDelivery CareBow CareBowImages; do
    aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "$stack"
  done
  npx cdk destroy CareBowDelivery CareBow CareBowImages
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  deploy) release --no-rollback ;;
  update) release ;;
  scale) scale "${1:-}" ;;
  migrate) eval "$(output Migrate)" ;;
  logs) aws logs tail "$(output LogGroupName)" --follow "$@" ;;
  destroy) destroy "$@" ;;
  *) sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
