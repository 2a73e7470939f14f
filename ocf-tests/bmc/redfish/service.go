package redfish

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// User and Password are the login of every service.
const (
	User     = "fencer"
	Password = "k4-Geheim%wort"
)

// Service is a controller that runs.
type Service struct {
	Machine
	Addr string // host:port
	CA   []byte // its certificate in PEM

	mu       sync.Mutex
	hooks    hooks
	sessions map[string]string // token: id
	made     int               // sessions ever
	gets     int               // of the machine's document
	resets   int               // that were asked for
	version  int               // for ETag
	asked    int               // requests of any kind
	server   *http.Server
	tls      *tls.Config
}

// Start runs a controller whose machine is on, or off, until Close.
func Start(m Misbehaviour, on bool) (*Service, error) {
	s, err := made(m, on)
	if err != nil {
		return nil, err
	}
	s.Addr = "127.0.0.1:0"
	return s, s.listen()
}

// StartAt runs an honest controller of a machine at a listener.
func StartAt(l net.Listener, p Power) (*Service, error) {
	s, err := made(Misbehaviour{}, p.On())
	if err != nil {
		return nil, err
	}
	s.Machine.outside = p
	s.serveAt(l)
	return s, nil
}

func made(m Misbehaviour, on bool) (*Service, error) {
	s := &Service{sessions: map[string]string{}}
	s.Machine.on = on
	s.hooks = hooks{allowed: []string{"On", "ForceOff", "GracefulShutdown", "ForceRestart", "PowerCycle", "Nmi"}}
	if m.set != nil {
		m.set(s, &s.hooks)
	}
	cert, text, err := certificate(s.hooks.nameless)
	if err != nil {
		return nil, err
	}
	s.CA, s.tls = text, &tls.Config{Certificates: []tls.Certificate{cert}}
	return s, nil
}

func (s *Service) listen() error {
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("simulated controller: %w", err)
	}
	s.serveAt(l)
	return nil
}

func (s *Service) serveAt(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Addr = l.Addr().String()
	s.server = &http.Server{Handler: http.HandlerFunc(s.serve), ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	server := s.server
	go func() { _ = server.Serve(tls.NewListener(l, s.tls)) }()
}

// vanish makes the controller unreachable for a while, as one that starts anew.
func (s *Service) vanish(d time.Duration) {
	s.mu.Lock()
	server := s.server
	clear(s.sessions)
	s.mu.Unlock()
	go func() {
		_ = server.Close()
		time.AfterFunc(d, func() { _ = s.listen() })
	}()
}

// Close ends it.
func (s *Service) Close() error {
	s.mu.Lock()
	server := s.server
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return server.Close()
}

// Sessions are those that are open, and those that were ever made.
func (s *Service) Sessions() (open, made int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions), s.made
}

// Resets counts the resets that were asked for.
func (s *Service) Resets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resets
}

// Asked counts requests.
func (s *Service) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func certificate(nameless bool) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "simulated controller"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if nameless {
		template.IPAddresses, template.NotAfter = nil, time.Now().Add(-time.Minute)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
