#!/bin/sh
# The triplet stands in the environment of this container: the lifecycle commands of the feature have logged in already.
set -eu
[ "$(printf 'registry.example' | docker-credential-registry-login get)" = '{"ServerURL":"registry.example","Username":"user","Secret":"not-a-secret"}' ]
registry-login status
