# docker build -t mockcollect . && docker run --rm -p 127.0.0.1:8787:8787 mockcollect
#
# What follows the image's name are arguments of `mockcollect`: options of its server, or
# another command. Where containers reach it by a name, as in `http://collect:8787`, it
# shows what it captured only if told that name: `--allow-host collect`, or the variable
# MOCKCOLLECT_ALLOW_HOST=collect where a service takes no arguments.

FROM python:3.12-slim AS build
WORKDIR /source
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY mockcollect ./mockcollect
# Without a pip of its own the environment is 10 MB smaller.
RUN python -m venv --without-pip /opt/mockcollect \
 && python -m pip --python /opt/mockcollect/bin/python install --no-cache-dir .

FROM python:3.12-slim
# A number, so that a cluster can tell that it is not root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mockcollect \
 && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/mockcollect /opt/mockcollect
# Only here on all addresses: who may reach a container is what `-p` says.
ENV PATH=/opt/mockcollect/bin:$PATH \
    MOCKCOLLECT_HOST=0.0.0.0
WORKDIR /data
USER 10001
EXPOSE 8787
# It stops at once, and all that was answered is recorded.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=2s --timeout=3s --start-period=20s --retries=3 \
    CMD ["mockcollect", "ready"]
ENTRYPOINT ["mockcollect"]
