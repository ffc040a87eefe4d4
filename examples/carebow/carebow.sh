#!/usr/bin/env bash
# Deploys and operates CareBow: see README.md and OPERATIONS.md.
#
#   ./carebow.sh deploy     the first deployment: repository, image, stack
#   ./carebow.sh update     a new image and the changes of the stack
#   ./carebow.sh scale 5    at least this number of tasks; 0 stops the API
#   ./carebow.sh migrate    runs the migrations now, and fails if they fail
#   ./carebow.sh logs       follows the log of the API; more arguments go to `aws logs tail`
#   ./carebow.sh destroy --confirm CareBow    deletes the stacks; the data remains
set -euo pipefail
cd "$(dirname "$0")"
# Without a pager: it would wait for a key in the middle of the script.
export AWS_REGION=us-east-1 AWS_PAGER=
# The largest number of tasks in carebow-stack.ts.
MAX_TASKS=6

fail() {
  echo "carebow.sh: $*" >&2
  exit 1
}

# Prints an output of the stack CareBow. Assign it on a line of its own: elsewhere, a failure would not stop the script.
output() {
  local value
  value=$(aws cloudformation describe-stacks --stack-name CareBow \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text) || fail 'cannot read the stack CareBow'
  [[ -n $value && $value != None ]] || fail "the stack CareBow has no output $1"
  echo "$value"
}

# Whether a stack exists. If it cannot be read for another reason, the script stops.
exists() {
  local error
  error=$(aws cloudformation describe-stacks --stack-name "$1" 2>&1 >/dev/null) && return
  [[ $error == *"$1 does not exist"* ]] || fail "cannot read the stack $1: $error"
  return 1
}

# Prints the physical IDs of the resources of a type that the stack CareBow has. A failed deployment has no outputs.
resources() {
  aws cloudformation list-stack-resources --stack-name CareBow --query "StackResourceSummaries[?ResourceType=='$1' \
    && ResourceStatus!='DELETE_COMPLETE' && PhysicalResourceId].PhysicalResourceId" --output text
}

# Builds and pushes an image with a new tag, and deploys the stack with it. Arguments go to `cdk deploy`.
release() {
  local version repository approval=broadening
  version=${VERSION:-$(git rev-parse --short HEAD 2>/dev/null || echo local)-$(date -u +%Y%m%d%H%M%S)}
  # A pipeline has no terminal for a question. Its reviewers approve the deployment.
  [ -z "${CI:-}" ] || approval=never
  npx cdk deploy CareBowImages --require-approval "$approval" --outputs-file cdk.out/images.json "$@"
  repository=$(node -p 'require("./cdk.out/images.json").CareBowImages.Repository')
  [[ $repository == */* ]] || fail 'the stack CareBowImages has no output Repository'
  aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
  docker build --platform linux/amd64 --provenance=false -t "$repository:$version" api
  docker push "$repository:$version"
  npx cdk deploy CareBow --exclusively --require-approval "$approval" -c "version=$version" "$@"
}

scale() {
  local count=$1 most=$MAX_TASKS cluster service
  [[ $count =~ ^[0-9]+$ ]] || { echo "the number of tasks must be a whole number, got $count" >&2; exit 2; }
  if [ "$count" -eq 0 ] || [ "$count" -gt "$most" ]; then most=$count; fi
  cluster=$(output ClusterName)
  service=$(output ServiceName)
  # Without the new range, scaling would undo the new count.
  aws application-autoscaling register-scalable-target --service-namespace ecs \
    --scalable-dimension ecs:service:DesiredCount --resource-id "service/$cluster/$service" \
    --min-capacity "$count" --max-capacity "$most"
  aws ecs update-service --cluster "$cluster" --service "$service" --desired-count "$count" \
    --query service.desiredCount
}

# Prints a property of a task.
task() {
  aws ecs describe-tasks --cluster "$1" --tasks "$2" --query "tasks[0].$3" --output text
}

migrate() {
  local start cluster task status='' code reason
  start=$(output Migrate)
  cluster=$(output ClusterName)
  task=$(eval "$start") || fail 'ECS did not start the migrations'
  [[ $task == arn:*:task/* ]] || fail "ECS did not start the migrations: $task"
  echo "started $task"
  # `aws ecs wait` ends after ten minutes. Migrations can take longer.
  until [ "$status" = STOPPED ]; do
    sleep 5
    status=$(task "$cluster" "$task" lastStatus) || fail "cannot read the task $task"
    [[ -n $status && $status != None ]] || fail "ECS does not know the task $task"
  done
  code=$(task "$cluster" "$task" "containers[?name=='app'].exitCode | [0]") || fail "cannot read the task $task"
  reason=$(task "$cluster" "$task" stoppedReason) || fail "cannot read the task $task"
  [ "$code" = 0 ] || fail "the migrations failed with exit code $code: $reason. Read the log group MigrationsLog."
  echo 'the migrations ended with exit code 0'
}

follow_log() {
  local group
  group=$(output LogGroupName)
  aws logs tail "$group" --follow "$@"
}

# Deletes the stacks that exist. After a failure, run it again.
destroy() {
  local stack id ids stacks=()
  [ "$*" = '--confirm CareBow' ] || { echo 'to delete the stacks: ./carebow.sh destroy --confirm CareBow' >&2; exit 2; }
  for stack in CareBowDelivery CareBow CareBowImages; do
    if exists "$stack"; then stacks+=("$stack"); fi
  done
  [ ${#stacks[@]} -gt 0 ] || { echo 'no stack is left to delete'; return; }
  if [[ " ${stacks[*]} " == *' CareBow '* ]]; then
    ids=$(resources AWS::ElasticLoadBalancingV2::LoadBalancer)
    for id in $ids; do
      aws elbv2 modify-load-balancer-attributes --load-balancer-arn "$id" \
        --attributes Key=deletion_protection.enabled,Value=false
    done
    ids=$(resources AWS::RDS::DBInstance)
    for id in $ids; do
      aws rds modify-db-instance --db-instance-identifier "$id" --no-deletion-protection --apply-immediately
    done
  fi
  for stack in "${stacks[@]}"; do
    aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "$stack"
  done
  npx cdk destroy "${stacks[@]}"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  deploy) release --no-rollback ;;
  update) release ;;
  scale) scale "${1:-}" ;;
  migrate) migrate ;;
  logs) follow_log "$@" ;;
  destroy) destroy "$@" ;;
  *) sed -n '2,/^set /p' "${0##*/}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
